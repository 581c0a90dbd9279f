import type { JudgedImage } from "../../../app/images/prune-images.js";
import { imageData, imageName } from "../../../output/views/images.js";
import { defineCommand, flag } from "../../command.js";

export const imagePrune = defineCommand({
  path: "image prune",
  summary: "Say which images may go, and with --apply remove those",
  description:
    "Says for each image that devkit built why it is kept or may go. It may go when no container is made from it, the settings of this project do not ask for it, no image that stays is built on it, and it is older than an hour. " +
    "Settings of other projects are not looked at: a project that has no container of it now builds it again.",
  arguments: [{ syntax: "[image...]", description: "look at these only, however young: a name or an id" }],
  options: { apply: flag("--apply", "remove what may go; without it nothing is changed") },
  examples: ["devkit image prune", "devkit image prune --apply"],
  json: "{ applied, images: [{ id, references: [string], kind, base: string|null, bytes, created, wanted, users: [{ container, agent: string|null, project: string|null }], removable, removed, reason }] }",
  async run({ args, options, deps, shutdown }) {
    const { pruneImages } = await import("../../../app/images/prune-images.js");
    const [projectDeps, { settings, settingsOf }] = await Promise.all([deps.projectDeps(), deps.config()]);
    const images = await pruneImages(projectDeps, {
      settings,
      settingsOf,
      host: deps.host,
      named: args,
      apply: options.apply,
      now: new Date(),
      signal: shutdown.signal,
    });
    return {
      data: { applied: options.apply, images: images.map(toData) },
      human: () => toText(images, options.apply),
    };
  },
});

function toData({ image, removable, removed, reason }: JudgedImage) {
  return { ...imageData(image), removable, removed, reason };
}

function toText(images: readonly JudgedImage[], applied: boolean): string {
  if (images.length === 0) return "No images.";
  const lines = images.map(({ image, removable, removed, reason }) => {
    const verb = removed ? "removed" : removable ? "may go" : "kept";
    return `${imageName(image)}  ${verb}: it ${reason}`;
  });
  const left = images.some(({ removable }) => removable) && !applied;
  return [...lines, ...(left ? ["Remove what may go: devkit image prune --apply"] : [])].join("\n");
}
