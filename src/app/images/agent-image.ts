import { DevkitError } from "../../base/errors.js";
import {
  AGENT_DOCKERFILE,
  hasRecentNode,
  imageTag,
  nodePackage,
  npmCpu,
  npmPackages,
  VENDORED_NODE,
} from "../../domain/images/recipe.js";
import type { ImageSettings } from "../../domain/settings/settings.js";
import type { ImageBuild, ImageInfo } from "../ports-engine.js";
import type { Host } from "../ports.js";
import { requireBaseImage, type ImageNeeds } from "./base-image.js";
import { withFeatures } from "./feature-image.js";
import { buildNetwork, certificateEntries } from "./build-context.js";
import { buildOnce } from "./build-once.js";
import { buildOwnBase, findOwnBase, hasOwnDockerfile, type OwnSettings } from "./own-base.js";

/** Folders of the context that the Dockerfile copies, empty or not. */
const KEEP = ["vendor/.keep", "npm/.keep"];

/** What an agents' image is built on. */
export interface AgentBase {
  readonly reference: string;
  readonly info: ImageInfo;
}

/** The image agents should have, and whether it is there. */
export interface AgentImage {
  readonly reference: string;
  /** Undefined: it has to be built. */
  readonly id: string | undefined;
  /** Why it has to be built. */
  readonly cause: string;
  /** Undefined: it is not built by devkit, or its base is not there. */
  readonly base: AgentBase | undefined;
  /** Variables that it sets, as far as that is known before it is built. */
  readonly env?: readonly string[];
}

/** What may be done to find out: fetching a base, and building that of the user's own Dockerfile. */
export interface ResolveOptions {
  readonly pull?: boolean;
  /** "always": though it is there. */
  readonly build?: boolean | "always";
}

/**
 * Finds out which image the settings ask for. Its base is made ready if it is not here, unless the options forbid it;
 * the image itself is not built.
 */
export async function resolveImage(
  needs: ImageNeeds,
  settings: ImageSettings,
  { pull = true, build = pull }: ResolveOptions = {},
): Promise<AgentImage> {
  if (settings.use === undefined && hasOwnDockerfile(settings)) return resolveOnOwn(needs, settings, build);
  const needed = settings.use ?? settings.base;
  if (!pull && (await needs.engine.findImage(needed)) === undefined) {
    return missing(needed, `${needed} is not here and has to be pulled`);
  }
  if (settings.use !== undefined) {
    const image = await requireBaseImage(
      needs,
      settings.use,
      `build or load it, or take [image] use out of the settings`,
    );
    return { reference: settings.use, id: image.id, cause: "", base: undefined, env: image.env };
  }
  const base = { reference: settings.base, info: await requireBaseImage(needs, settings.base) };
  return resolveOn(needs, settings, base, build !== false);
}

async function resolveOnOwn(
  needs: ImageNeeds,
  settings: OwnSettings,
  build: boolean | "always",
): Promise<AgentImage> {
  const own = await findOwnBase(needs, settings);
  const force = build === "always";
  const info = force ? undefined : own.info;
  if (info === undefined && build === false) {
    const cause = `${settings.dockerfile} or what it is built with is new or has changed: there is no image ${own.reference}`;
    return missing(own.reference, cause);
  }
  const built = info ?? (await buildOwnBase(needs, settings, own, { force }));
  return resolveOn(needs, settings, { reference: own.reference, info: built }, build !== false);
}

function missing(reference: string, cause: string): AgentImage {
  return { reference, id: undefined, cause, base: undefined };
}

async function resolveOn(
  needs: ImageNeeds,
  settings: ImageSettings,
  plain: AgentBase,
  build: boolean,
): Promise<AgentImage> {
  const { reference: on, info } = await withFeatures(needs, plain, settings, { build });
  if (info === undefined) return missing(on, `${on} with the features has to be built`);
  const [files, certificates] = await Promise.all([
    needs.host.imageFiles(AGENT_DOCKERFILE),
    needs.host.extraCertificates(),
  ]);
  const { packages } = settings;
  const npm = npmPackages(settings.npm);
  const reference = imageTag({ baseId: info.id, packages, npm, files, certificates });
  const found = await needs.engine.findImage(reference);
  const base = { reference: on, info };
  return { reference, id: found?.id, cause: `there is no image ${reference}`, base, env: info.env };
}

/** The image, built when it is not there or `force` asks for it; `resolved` saves asking again. */
export async function ensureImage(
  needs: ImageNeeds,
  settings: ImageSettings,
  { force = false, resolved }: { force?: boolean; resolved?: AgentImage } = {},
): Promise<AgentImage & { id: string }> {
  const image = resolved ?? (await resolveImage(needs, settings, force ? { build: "always" } : {}));
  if (image.base === undefined || (image.id !== undefined && !force)) {
    return { ...image, id: image.id ?? image.reference };
  }
  const { reference: tag, base } = image;
  const { id } = await buildOnce(needs, {
    ...{ tag, doing: `building the image ${tag}`, done: `built the image ${tag}`, force },
    build: async (onLine) =>
      needs.engine.buildImage(await describeBuild(needs, settings, tag, base), onLine, needs.signal),
  });
  return { ...image, id };
}

async function describeBuild(
  { host, signal }: ImageNeeds,
  settings: ImageSettings,
  tag: string,
  base: AgentBase,
): Promise<ImageBuild> {
  const { architecture } = base.info;
  const npm = npmPackages(settings.npm);
  const [files, certificates, vendored, tree] = await Promise.all([
    host.imageFiles(AGENT_DOCKERFILE),
    host.extraCertificates(),
    packNode(host, base.info, signal),
    npm.length === 0 ? undefined : installNpm(host, npm, architecture, signal),
  ]);
  const { args, hostNetwork } = buildNetwork(host);
  return {
    tag,
    what: `the image ${tag}`,
    dockerfile: AGENT_DOCKERFILE,
    contextDir: host.dockerDir,
    files: [...files.keys()],
    entries: new Map([
      ...certificateEntries(certificates),
      ...KEEP.map((name): [string, Buffer] => [name, Buffer.alloc(0)]),
      ...vendored,
    ]),
    trees: new Map(tree === undefined ? [] : [["npm", tree]]),
    buildArgs: { BASE_IMAGE: base.reference, EXTRA_PACKAGES: settings.packages.join(" "), ...args },
    labels: {
      "dev.devkit.image": "agent",
      "dev.devkit.base": base.reference,
      "dev.devkit.version": host.version,
    },
    hostNetwork,
  };
}

async function installNpm(
  host: Host,
  packages: readonly string[],
  architecture: string,
  signal: AbortSignal,
): Promise<string> {
  const cpu = npmCpu(architecture);
  if (cpu !== undefined) return host.installNpm({ packages, cpu }, signal);
  throw new DevkitError("E_IMAGE_BUILD", `[image] npm: devkit does not know npm's name for ${architecture}`, {
    hint: "install the packages in a Dockerfile of your own: [image] dockerfile",
  });
}

/** Node and npm as entries of a build context; none where the base brings them. @throws DevkitError E_IMAGE_BUILD */
export async function packNode(
  host: Host,
  { env, architecture }: Pick<ImageInfo, "env" | "architecture">,
  signal: AbortSignal,
): Promise<[string, Buffer][]> {
  if (hasRecentNode(env)) return [];
  const specifier = nodePackage(architecture);
  if (specifier === undefined) {
    throw new DevkitError(
      "E_IMAGE_BUILD",
      `there is no Node package for ${architecture}, and the base image has none`,
      {
        hint: 'use a base image that brings Node: [image] base = "node:24-bookworm-slim"',
      },
    );
  }
  const [node, npm] = await Promise.all([
    host.packNpm(specifier, signal),
    host.packNpm(`npm@${VENDORED_NODE.npm}`, signal),
  ]);
  return [
    ["vendor/node.tgz", node],
    ["vendor/npm.tgz", npm],
  ];
}
