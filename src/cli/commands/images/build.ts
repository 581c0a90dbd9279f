import { defineCommand, flag } from "../../command.js";

export const imageBuild = defineCommand({
  path: "image build",
  summary: "Build the agents' image",
  description:
    "Builds the image that `agent up` would use, and says which it is. An image whose inputs did not change is not built again without --force.",
  arguments: [],
  options: { force: flag("--force", "build it even though it is there") },
  examples: ["devkit image build", "devkit image build --force -v"],
  json: "{ reference, id }",
  async run({ options, deps, reporter, shutdown }) {
    const { ensureImage } = await import("../../../app/images/agent-image.js");
    const [engine, { settings }] = await Promise.all([deps.engine(), deps.config()]);
    const needs = { engine, host: deps.host, progress: reporter, signal: shutdown.signal };
    const { reference, id } = await ensureImage(needs, settings.image, options);
    return { data: { reference, id }, human: () => `${reference} ${id}` };
  },
});
