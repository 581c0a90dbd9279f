import type { SettingsOf, Settings } from "../../domain/settings/settings.js";
import { observe } from "../agents/observe.js";
import type { BuiltImage, ImageUser } from "../ports-images.js";
import type { ProjectDeps } from "../ports.js";
import { resolveImage } from "./agent-image.js";
import type { ImageNeeds } from "./base-image.js";
import { resolveBrokerImage } from "./broker-image.js";
import { resolveEgressImage } from "./egress-image.js";

/** An image of devkit's, and what needs it. */
export interface ListedImage extends BuiltImage {
  readonly users: readonly ImageUser[];
  /** The settings of this project, or of one of its agents, ask for it. */
  readonly wanted: boolean;
}

export interface ImagesRequest extends Pick<ImageNeeds, "host" | "signal"> {
  readonly settings: Settings;
  readonly settingsOf: SettingsOf;
}

/** All images that devkit built on this engine, for whatever project, the newest first. */
export async function listImages(deps: ProjectDeps, request: ImagesRequest): Promise<ListedImage[]> {
  const [images, users, wanted] = await Promise.all([
    deps.engine.listImages(),
    deps.engine.listImageUsers(),
    findWanted(deps, request),
  ]);
  return images.map((image) => ({
    ...image,
    users: users.filter(({ imageId }) => imageId === image.id),
    wanted: image.references.some((reference) => wanted.has(reference)),
  }));
}

/** What `agent up` would use now; nothing is fetched or built to find out. */
async function findWanted(
  deps: ProjectDeps,
  { settings, settingsOf, host, signal }: ImagesRequest,
): Promise<ReadonlySet<string>> {
  const needs = { engine: deps.engine, host, progress: deps.progress, signal };
  const agents = await observe(deps);
  const all = [settings.image, ...agents.map(({ agent }) => settingsOf(agent).image)];
  const different = [...new Map(all.map((image) => [JSON.stringify(image), image])).values()];
  const [egress, broker, ...own] = await Promise.all([
    resolveEgressImage(needs, settings.egress, { pull: false }),
    resolveBrokerImage(needs, settings.egress, { pull: false }),
    ...different.map((image) => resolveImage(needs, image, { pull: false })),
  ]);
  const bases = own.flatMap(({ base }) => base?.reference ?? []);
  return new Set([egress.reference, broker.reference, ...own.map(({ reference }) => reference), ...bases]);
}
