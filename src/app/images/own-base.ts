import { ownBaseTag } from "../../domain/images/recipe.js";
import type { ImageSettings } from "../../domain/settings/settings.js";
import type { ImageBuild, ImageInfo } from "../ports-engine.js";
import type { OwnContext } from "../ports-images.js";
import type { ImageNeeds } from "./base-image.js";
import { buildNetwork } from "./build-context.js";
import { buildOnce } from "./build-once.js";

/** The settings of an image that is built on that of the user's own Dockerfile. */
export type OwnSettings = ImageSettings & { readonly dockerfile: string };

export function hasOwnDockerfile(settings: ImageSettings): settings is OwnSettings {
  return settings.dockerfile !== undefined;
}

/** The image of the user's own Dockerfile, which the agents' is built on. */
export interface OwnBase {
  readonly reference: string;
  /** Undefined: it has to be built. */
  readonly info: ImageInfo | undefined;
  readonly context: OwnContext;
}

/** Finds out which image it is, and whether it is there. @throws DevkitError E_CONFIG, E_IMAGE_BUILD, E_FILE */
export async function findOwnBase({ engine, host }: ImageNeeds, settings: OwnSettings): Promise<OwnBase> {
  const { dockerfile, args, target } = settings;
  const context = await host.ownContext({ dockerfile, context: settings.context });
  const reference = ownBaseTag({
    dockerfile: context.dockerfile.text,
    digest: context.digest,
    args,
    target,
  });
  return { reference, info: await engine.findImage(reference), context };
}

/** Builds it on the engine, with the user's network; the layers that the engine has are not built again. */
export async function buildOwnBase(
  needs: ImageNeeds,
  { dockerfile, args, target }: OwnSettings,
  { reference, context }: OwnBase,
  { force }: { force: boolean },
): Promise<ImageInfo> {
  const network = buildNetwork(needs.host);
  const image: ImageBuild = {
    tag: reference,
    what: dockerfile,
    dockerfile: context.dockerfile.path,
    contextDir: context.dir,
    files: context.files,
    entries: context.entries,
    ...(target === undefined ? {} : { target }),
    buildArgs: { ...network.args, ...args },
    labels: { "dev.devkit.image": "base", "dev.devkit.version": needs.host.version },
    hostNetwork: network.hostNetwork,
  };
  return buildOnce(needs, {
    tag: reference,
    ...{ doing: `building ${dockerfile}`, done: `built ${dockerfile} as ${reference}`, force },
    build: (onLine) => needs.engine.buildImage(image, onLine, needs.signal),
  });
}
