import { EGRESS_DOCKERFILE, egressTag } from "../../domain/images/recipe.js";
import type { EgressSettings } from "../../domain/settings/settings.js";
import { requireBaseImage, type ImageNeeds } from "./base-image.js";
import { buildNetwork, certificateEntries } from "./build-context.js";

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

/** Its id, built when it is not there. @throws DevkitError E_IMAGE_BUILD, E_IMAGE_MISSING */
export async function ensureEgressImage(
  needs: ImageNeeds,
  settings: Pick<EgressSettings, "base">,
  { reference, id }: EgressImage,
): Promise<string> {
  if (id !== undefined) return id;
  const step = needs.progress.step(undefined, `building the image ${reference}`);
  try {
    const [files, certificates] = await Promise.all([
      needs.host.imageFiles(EGRESS_DOCKERFILE),
      needs.host.extraCertificates(),
    ]);
    const { args, hostNetwork } = buildNetwork(needs.host);
    const built = await needs.engine.buildImage(
      {
        tag: reference,
        what: `the image ${reference}`,
        dockerfile: EGRESS_DOCKERFILE,
        contextDir: needs.host.dockerDir,
        files: [...files.keys()],
        entries: new Map(certificateEntries(certificates)),
        buildArgs: { BASE_IMAGE: settings.base, ...args },
        labels: {
          "dev.devkit.image": "egress",
          "dev.devkit.base": settings.base,
          "dev.devkit.version": needs.host.version,
        },
        hostNetwork,
      },
      (line) => {
        step.update(line);
      },
      needs.signal,
    );
    step.done(`built the image ${reference}`);
    return built;
  } catch (error) {
    step.fail(`building the image ${reference} failed`);
    throw error;
  }
}
