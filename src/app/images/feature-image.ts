import { featureTag } from "../../domain/images/feature-tag.js";
import { featureWishes, METADATA_LABEL } from "../../domain/images/feature-wishes.js";
import type { ImageSettings } from "../../domain/settings/settings.js";
import type { ImageInfo } from "../ports-engine.js";
import { DevkitError } from "../../base/errors.js";
import type { ImageNeeds } from "./base-image.js";
import { buildOnce } from "./build-once.js";

/** An image with features; `info` is undefined while it has to be built. */
export interface FeatureImage {
  readonly reference: string;
  readonly info: ImageInfo | undefined;
}

/**
 * The image with the features of the settings on top of `base`, built when it is not there and `build` says so; the base
 * itself when there are none.
 * @throws DevkitError E_TOOL_MISSING, E_IMAGE_BUILD
 */
export async function withFeatures(
  needs: ImageNeeds,
  base: { readonly reference: string; readonly info: ImageInfo },
  { features }: Pick<ImageSettings, "features">,
  { build }: { build: boolean },
): Promise<FeatureImage> {
  if (Object.keys(features).length === 0) return base;
  const builder = needs.host.features;
  const folders = Object.keys(features).filter((name) => name.startsWith("/"));
  const hashes = await Promise.all(folders.map((folder) => builder.hashFolder(folder)));
  const tag = featureTag({ baseId: base.info.id, features, folderHashes: hashes });
  const found = await needs.engine.findImage(tag);
  if (found !== undefined || !build) return { reference: tag, info: found };
  const info = await buildOnce(needs, {
    tag,
    ...{ doing: `building the image ${tag} with its features`, done: `built the image ${tag}` },
    async build() {
      await builder.build({ tag, base: base.reference, features }, needs.signal);
      const built = await needs.engine.findImage(tag);
      if (built === undefined) throw missing(tag);
      for (const wish of featureWishes(built.labels?.[METADATA_LABEL])) needs.progress.warn(wish);
    },
  });
  return { reference: tag, info };
}

function missing(tag: string): DevkitError {
  return new DevkitError("E_IMAGE_BUILD", `devcontainer built ${tag}, but the engine does not have it`, {
    hint: "the program devcontainer must use the same engine: check DOCKER_HOST and docker context show",
  });
}
