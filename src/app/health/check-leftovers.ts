import { isLive } from "../../domain/agents/observed.js";
import { CONTAINER_ROLES, type LabelledContainer } from "../ports-engine.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import type { Host } from "../ports.js";
import { judged, warning, type Fault, type Look, type Looking } from "./check.js";

/** What other checkouts have left on the engine: of repositories that are not there any more. */
export async function lookAtLeftovers({ project, host }: Looking): Promise<Look> {
  const deps = await project();
  const gone = await findGone(deps, host);
  // An engine elsewhere, or one that others reach from elsewhere, can know paths that are not there for us.
  const isHere = deps.engine.place.socket !== undefined;
  return judged("none", [
    ...gone.containers.map((one) => ofContainer(one, isHere)),
    ...gone.networks.map((name) => ofNetwork(name, isHere)),
    ...gone.volumes.map((name) => ofVolume(name, isHere)),
  ]);
}

interface Gone {
  readonly containers: readonly LabelledContainer[];
  readonly networks: readonly GoneNetwork[];
  /** Names of those that no container has. */
  readonly volumes: readonly string[];
}

interface GoneNetwork {
  readonly id: string;
  readonly name: string;
  /** Something that is on it runs. */
  readonly isUsed: boolean;
}

async function findGone({ engine }: SpawnDeps, host: Pick<Host, "isGone">): Promise<Gone> {
  const [networks, volumes, ...all] = await Promise.all([
    engine.listNetworks(undefined),
    engine.listLooseVolumes(undefined),
    ...CONTAINER_ROLES.map((role) => engine.listContainers(role, undefined)),
  ]);
  const containers = all.flat();
  const roots = new Set([...containers, ...networks, ...volumes].map(({ root }) => root));
  const lost = new Set<string | undefined>();
  for (const root of roots) if (root !== undefined && (await host.isGone(root))) lost.add(root);
  return {
    containers: containers.filter(({ root }) => lost.has(root)),
    networks: networks
      .filter(({ root }) => lost.has(root))
      .map(({ id, name }) => ({ id, name, isUsed: containers.some((one) => runsOn(one, id)) })),
    volumes: volumes.filter(({ root }) => lost.has(root)).map(({ name }) => name),
  };
}

const GONE = "the repository is gone";

function ofContainer({ id, name, root, state }: LabelledContainer, here: boolean): Fault {
  const text = `${name}: ${GONE}`;
  const fix = `docker rm -f ${name}`;
  // Whoever works in one that runs may have moved the repository: only they can tell.
  if (isLive({ state }) || !here) return warning(text, fix);
  return warning(text, fix, {
    action: `remove the container ${name}`,
    async apply({ deps, host }) {
      if (await isStill(host, root)) await deps.engine.removeContainer(id);
    },
  });
}

function isStill(host: Pick<Host, "isGone">, root: string | undefined): Promise<boolean> {
  return root === undefined ? Promise.resolve(false) : host.isGone(root);
}

function runsOn({ state, networks }: LabelledContainer, id: string): boolean {
  return isLive({ state }) && [...networks.values()].some(({ networkId }) => networkId === id);
}

function ofNetwork({ id, name, isUsed }: GoneNetwork, here: boolean): Fault {
  const text = `${name}: ${GONE}`;
  const fix = `docker network rm ${name}`;
  if (isUsed || !here) return warning(text, fix);
  return warning(text, fix, {
    action: `remove the network ${name}`,
    async apply({ deps, host }) {
      const { networks } = await findGone(deps, host);
      if (networks.some((one) => one.id === id && !one.isUsed)) await deps.engine.removeNetwork(id);
    },
  });
}

function ofVolume(name: string, here: boolean): Fault {
  const text = `${name}: ${GONE}`;
  const fix = `docker volume rm ${name}`;
  if (!here) return warning(text, fix);
  return warning(text, fix, {
    action: `remove the volume ${name}`,
    async apply({ deps, host }) {
      const gone = await findGone(deps, host);
      if (gone.volumes.includes(name)) await deps.engine.removeVolume(name);
    },
  });
}
