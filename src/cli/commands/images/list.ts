import { imageData, imageTable } from "../../../output/views/images.js";
import { defineCommand } from "../../command.js";

export const imageList = defineCommand({
  path: "image list",
  summary: "List the images that devkit built, and who uses them",
  description:
    "Lists the images that devkit built on this engine, for whatever project: agents' (`agent`), those of the proxy (`egress`), those of your own Dockerfiles (`base`), and stages that builds left, which have no name. Sizes count what images share again for each.",
  arguments: [],
  options: {},
  examples: ["devkit image list", "devkit image list --json | jq -r '.data.images[].references[]'"],
  json: "{ images: [{ id, references: [string], kind, base: string|null, bytes, created, wanted, users: [{ container, agent: string|null, project: string|null }] }] }",
  async run({ deps, shutdown }) {
    const { listImages } = await import("../../../app/images/list-images.js");
    const [projectDeps, { settings, settingsOf }] = await Promise.all([deps.projectDeps(), deps.config()]);
    const { host } = deps;
    const images = await listImages(projectDeps, { settings, settingsOf, host, signal: shutdown.signal });
    return {
      data: { images: images.map(imageData) },
      human: () => imageTable(images.map(imageData)),
    };
  },
});
