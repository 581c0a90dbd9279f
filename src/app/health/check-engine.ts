import { isDevkitError } from "../../base/errors.js";
import { formatSize } from "../../base/sizes.js";
import type { ObservedState } from "../../domain/agents/observed.js";
import { isOlder } from "../../domain/health/is-older.js";
import { agentPaths } from "../../domain/identity/project.js";
import { resolveImage } from "../images/agent-image.js";
import { resolveEgressImage } from "../images/egress-image.js";
import type { EngineInfo } from "../ports-engine.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import { failure, judged, ok, warning, type Fault, type Look, type Looking, type Repair } from "./check.js";

/** Of Docker 20.10; what devkit asks for came with it at the latest. */
const OLDEST_API = "1.41";

export async function lookAtEngine(looking: Looking): Promise<Look> {
  const { engineInfo, project } = looking;
  try {
    const info = await engineInfo();
    const place = await findPlace(looking);
    const about = `API ${info.apiVersion}, ${String(info.cpus)} cores, ${formatSize(info.memoryBytes)}`;
    const text = `${info.name} ${info.version}, ${about}${place}`;
    return judged(text, findDifferences(info, text));
  } catch (error) {
    const deps = await project().catch(() => undefined);
    const isOnHost = deps !== undefined && (await loadStates(deps)).some(({ runtime }) => runtime === "host");
    // Without any agent the next one will need it.
    if (isDevkitError(error) && isOnHost && (await needsNoEngine(deps)))
      return ok(`${error.message}, and none is needed: all agents run on this machine itself`);
    throw error;
  }
}

/** Where it is, and who says so; outside of a repository nobody has looked. */
async function findPlace({ project }: Looking): Promise<string> {
  const deps = await project().catch(() => undefined);
  return deps === undefined ? "" : `, at ${deps.engine.place.url} (${deps.engine.place.from})`;
}

/** What agents cannot do there, or not as well (docs/engines.md). */
function findDifferences({ apiVersion, isPodman, isRootless }: EngineInfo, text: string): Fault[] {
  const old = failure(`its API ${apiVersion} is older than ${OLDEST_API}`, "sudo apt-get install docker.io");
  const rootless = failure(
    `${text}: it is rootless, and agents could not use your files in it`,
    "unset DOCKER_HOST; docker context use default",
  );
  const podman = warning(
    `${text}: agents work, but not all is as with Docker (docs/engines.md)`,
    "docker context use default",
  );
  return [
    ...(isOlder(apiVersion, OLDEST_API) ? [old] : []),
    ...(isRootless ? [rootless] : []),
    ...(isPodman && !isRootless ? [podman] : []),
  ];
}

/** Whether nothing of any agent is with an engine, so that one that does not answer keeps nothing back. */
export async function needsNoEngine(deps: SpawnDeps): Promise<boolean> {
  const states = await loadStates(deps);
  return states.every(({ runtime, git, home }) => runtime === "host" || !(git || home));
}

async function loadStates({ state, project }: SpawnDeps): Promise<ObservedState[]> {
  const agents = await state.known(project);
  return Promise.all(agents.map((agent) => state.inspect(agentPaths(project, agent))));
}

export async function lookAtRepository({ project }: Looking): Promise<Look> {
  return ok((await project()).project.root);
}

export async function lookAtSettings({ project, settings }: Looking): Promise<Look> {
  const { settings: found } = await settings();
  const commit = await (await project()).history.requireCommit(found.project.base);
  return ok(`no mistakes; agents start at ${commit.slice(0, 12)}`);
}

export async function lookAtImages({ project, settings, host, signal }: Looking): Promise<Look> {
  const [{ engine, progress }, { settings: found }] = await Promise.all([project(), settings()]);
  const needs = { engine, host, progress, signal };
  const images = await Promise.all([
    resolveImage(needs, found.image, { build: false }),
    resolveEgressImage(needs, found.egress, { pull: false }),
  ]);
  const build: Repair = {
    action: "build the images of agents and of egress",
    apply: ({ buildImages }) => buildImages(),
  };
  const missing = images.flatMap(({ reference, id }): Fault[] =>
    id === undefined ? [warning(`${reference} is not built yet`, "devkit image build", build)] : [],
  );
  return judged(images[0].reference, missing);
}

export async function lookAtIdentity({ project }: Looking): Promise<Look> {
  const config = await (await project()).history.config();
  const [name, email] = ["user.name", "user.email"].map(
    (key) => config.findLast((entry) => entry.key === key)?.value,
  );
  const fix = 'git config --global user.name "Your Name" && git config --global user.email you@example.com';
  if (name === undefined || email === undefined)
    return judged("", [warning("user.name or user.email is not set", fix)]);
  return ok(`${name} <${email}>`);
}
