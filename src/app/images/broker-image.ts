import { BROKER_DOCKERFILE, brokerTag } from "../../domain/images/recipe.js";
import type { EgressSettings } from "../../domain/settings/settings.js";
import type { ImageBuild, ImageInfo } from "../ports-engine.js";
import { packNode } from "./agent-image.js";
import { requireBaseImage, type ImageNeeds } from "./base-image.js";
import { buildOnce } from "./build-once.js";

/** The image of the endpoint: its tag, and its id unless it has to be built. */
export interface BrokerImage {
  readonly reference: string;
  readonly id: string | undefined;
  /** Undefined: the base is not here. */
  readonly base: ImageInfo | undefined;
}

/**
 * Which image it is. On the base of egress, not on that of agents: who chooses what agents run on must not choose what
 * answers them. `pull`: fetch the base when it is not here.
 */
export async function resolveBrokerImage(
  needs: ImageNeeds,
  settings: Pick<EgressSettings, "base">,
  { pull = true }: { pull?: boolean } = {},
): Promise<BrokerImage> {
  const found = await needs.engine.findImage(settings.base);
  if (!pull && found === undefined) return { reference: settings.base, id: undefined, base: undefined };
  const [base, files, program] = await Promise.all([
    found ?? requireBaseImage(needs, settings.base),
    needs.host.imageFiles(BROKER_DOCKERFILE),
    needs.host.brokerProgram(),
  ]);
  const reference = brokerTag({ baseId: base.id, files, certificates: [], program });
  return { reference, id: (await needs.engine.findImage(reference))?.id, base };
}

/** Its id, built when it is not there or `force` asks for it. @throws DevkitError E_IMAGE_BUILD, E_IMAGE_MISSING */
export async function ensureBrokerImage(
  needs: ImageNeeds,
  settings: Pick<EgressSettings, "base">,
  image: BrokerImage,
  { force = false }: { force?: boolean } = {},
): Promise<string> {
  if (image.id !== undefined && !force) return image.id;
  const { reference: tag } = image;
  const built = await buildOnce(needs, {
    ...{ tag, doing: `building the image ${tag}`, done: `built the image ${tag}`, force },
    async build(onLine) {
      const base = image.base ?? (await requireBaseImage(needs, settings.base));
      return needs.engine.buildImage(
        await describeBuild(needs, settings.base, base, tag),
        onLine,
        needs.signal,
      );
    },
  });
  return built.id;
}

async function describeBuild(
  { host, signal }: ImageNeeds,
  reference: string,
  base: ImageInfo,
  tag: string,
): Promise<ImageBuild> {
  const [files, program, vendored] = await Promise.all([
    host.imageFiles(BROKER_DOCKERFILE),
    host.brokerProgram(),
    packNode(host, base, signal),
  ]);
  const about = { name: "devkit-broker", type: "module", version: host.version };
  return {
    tag,
    what: `the image ${tag}`,
    dockerfile: BROKER_DOCKERFILE,
    contextDir: host.dockerDir,
    files: [...files.keys()],
    entries: new Map([
      ["vendor/.keep", Buffer.alloc(0)],
      ["broker/package.json", Buffer.from(JSON.stringify(about))],
      ["broker/dist/broker.mjs", Buffer.from(program)],
      ...vendored,
    ]),
    buildArgs: { BASE_IMAGE: reference },
    labels: {
      "dev.devkit.image": "broker",
      "dev.devkit.base": reference,
      "dev.devkit.version": host.version,
    },
    hostNetwork: false,
  };
}
