import { DevkitError } from "../../base/errors.js";
import {
  AGENT_DOCKERFILE,
  hasRecentNode,
  imageTag,
  nodePackage,
  VENDORED_NODE,
} from "../../domain/images/recipe.js";
import type { ImageSettings } from "../../domain/settings/settings.js";
import type { ImageBuild, ImageInfo } from "../ports-engine.js";
import type { Host } from "../ports.js";
import { requireBaseImage, type ImageNeeds } from "./base-image.js";
import { withFeatures } from "./feature-image.js";
import { buildNetwork, certificateEntries } from "./build-context.js";

/** The image agents should have, and whether it is there. */
export interface AgentImage {
  readonly reference: string;
  /** Undefined: it has to be built. */
  readonly id: string | undefined;
  /** Why it has to be built. */
  readonly cause: string;
  readonly base: BaseImage | undefined;
  /** Variables that it sets, as far as that is known before it is built. */
  readonly env?: readonly string[];
}

/** What it is built on. */
export interface BaseImage extends ImageInfo {
  readonly reference: string;
}

/** Finds out which image the settings ask for, without building anything. The base is pulled if it is not here. */
export async function resolveImage(
  needs: ImageNeeds,
  settings: ImageSettings,
  { pull = true }: { pull?: boolean } = {},
): Promise<AgentImage> {
  const needed = settings.use ?? settings.base;
  if (!pull && (await needs.engine.findImage(needed)) === undefined) {
    return {
      reference: needed,
      id: undefined,
      cause: `${needed} is not here and has to be pulled`,
      base: undefined,
    };
  }
  if (settings.use !== undefined) {
    const image = await requireBaseImage(
      needs,
      settings.use,
      `build or load it, or take [image] use out of the settings`,
    );
    return { reference: settings.use, id: image.id, cause: "", base: undefined, env: image.env };
  }
  const plain = { reference: settings.base, info: await requireBaseImage(needs, settings.base) };
  const { reference: on, info } = await withFeatures(needs, plain, settings, { build: pull });
  if (info === undefined) {
    return {
      reference: on,
      id: undefined,
      cause: `${on} with the features has to be built`,
      base: undefined,
    };
  }
  const base = { ...info, reference: on };
  const [files, certificates] = await Promise.all([
    needs.host.imageFiles(AGENT_DOCKERFILE),
    needs.host.extraCertificates(),
  ]);
  const reference = imageTag({ baseId: base.id, packages: settings.packages, files, certificates });
  const found = await needs.engine.findImage(reference);
  return { reference, id: found?.id, cause: `there is no image ${reference}`, base, env: base.env };
}

/** The image, built when it is not there or `force` asks for it; `resolved` saves asking again. */
export async function ensureImage(
  needs: ImageNeeds,
  settings: ImageSettings,
  { force = false, resolved }: { force?: boolean; resolved?: AgentImage } = {},
): Promise<AgentImage & { id: string }> {
  const image = resolved ?? (await resolveImage(needs, settings));
  if (image.base === undefined || (image.id !== undefined && !force)) {
    return { ...image, id: image.id ?? image.reference };
  }
  const step = needs.progress.step(undefined, `building the image ${image.reference}`);
  try {
    const build = await describeBuild(needs, settings, image.reference, image.base);
    const id = await needs.engine.buildImage(
      build,
      (line) => {
        step.update(line);
      },
      needs.signal,
    );
    step.done(`built the image ${image.reference}`);
    return { ...image, id };
  } catch (error) {
    step.fail(`building the image ${image.reference} failed`);
    throw error;
  }
}

async function describeBuild(
  { host, signal }: ImageNeeds,
  settings: ImageSettings,
  tag: string,
  base: BaseImage,
): Promise<ImageBuild> {
  const [files, certificates] = await Promise.all([
    host.imageFiles(AGENT_DOCKERFILE),
    host.extraCertificates(),
  ]);
  const vendored = hasRecentNode(base.env) ? [] : await packNode(host, base.architecture, signal);
  const { args, hostNetwork } = buildNetwork(host);
  return {
    tag,
    dockerfile: AGENT_DOCKERFILE,
    contextDir: host.dockerDir,
    files: [...files.keys()],
    entries: new Map([...certificateEntries(certificates), ["vendor/.keep", Buffer.alloc(0)], ...vendored]),
    buildArgs: { BASE_IMAGE: base.reference, EXTRA_PACKAGES: settings.packages.join(" "), ...args },
    labels: { "dev.devkit.image": "agent", "dev.devkit.version": host.version },
    hostNetwork,
  };
}

async function packNode(host: Host, architecture: string, signal: AbortSignal): Promise<[string, Buffer][]> {
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
