import { EGRESS_DOCKERFILE, egressTag } from "../../domain/images/recipe.js";
import type { EgressSettings } from "../../domain/settings/settings.js";
import type { ImageBuild } from "../ports-engine.js";
import { requireBaseImage, type ImageNeeds } from "./base-image.js";
import { buildNetwork, certificateEntries } from "./build-context.js";
import { buildOnce } from "./build-once.js";

/** The image of the proxy and the name servers: its tag, and its id unless it has to be built. */
export interface EgressImage {
  readonly reference: string;
  readonly id: string | undefined;
}

/**
 * Which image it is. Not built on the agents' own base: who chooses what agents run on must not choose what keeps them
 * in. `pull`: fetch the base when it is not here.
 */
export async function resolveEgressImage(
  needs: ImageNeeds,
  settings: Pick<EgressSettings, "base">,
  { pull = true }: { pull?: boolean } = {},
): Promise<EgressImage> {
  if (!pull && (await needs.engine.findImage(settings.base)) === undefined) {
    return { reference: settings.base, id: undefined };
  }
  const [base, files, certificates] = await Promise.all([
    requireBaseImage(
      needs,
      settings.base,
      "make or load it, or name another one for egress: [egress] base (docs/egress.md)",
    ),
    needs.host.imageFiles(EGRESS_DOCKERFILE),
    needs.host.extraCertificates(),
  ]);
  const reference = egressTag({ baseId: base.id, files, certificates });
  return { reference, id: (await needs.engine.findImage(reference))?.id };
}

/** Its id, built when it is not there or `force` asks for it. @throws DevkitError E_IMAGE_BUILD, E_IMAGE_MISSING */
export async function ensureEgressImage(
  needs: ImageNeeds,
  settings: Pick<EgressSettings, "base">,
  { reference: tag, id }: EgressImage,
  { force = false }: { force?: boolean } = {},
): Promise<string> {
  if (id !== undefined && !force) return id;
  const built = await buildOnce(needs, {
    ...{ tag, doing: `building the image ${tag}`, done: `built the image ${tag}`, force },
    build: async (onLine) =>
      needs.engine.buildImage(await describeBuild(needs, settings, tag), onLine, needs.signal),
  });
  return built.id;
}

async function describeBuild(
  { host }: ImageNeeds,
  { base }: Pick<EgressSettings, "base">,
  tag: string,
): Promise<ImageBuild> {
  const [files, certificates] = await Promise.all([
    host.imageFiles(EGRESS_DOCKERFILE),
    host.extraCertificates(),
  ]);
  const { args, hostNetwork } = buildNetwork(host);
  return {
    tag,
    what: `the image ${tag}`,
    dockerfile: EGRESS_DOCKERFILE,
    contextDir: host.dockerDir,
    files: [...files.keys()],
    entries: new Map(certificateEntries(certificates)),
    buildArgs: { BASE_IMAGE: base, ...args },
    labels: {
      "dev.devkit.image": "egress",
      "dev.devkit.base": base,
      "dev.devkit.version": host.version,
    },
    hostNetwork,
  };
}
