import { availableParallelism } from "node:os";
import { DevkitError, isDevkitError, toDevkitError } from "../../base/errors.js";
import { formatSize } from "../../base/sizes.js";
import { agentAt, type AgentRef } from "../../domain/agents/agent.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import type { Plan } from "../../domain/agents/plan.js";
import { reconcileUp } from "../../domain/agents/reconcile.js";
import type { AllowedText } from "../../domain/egress/entries.js";
import type { GitConfigEntry } from "../../domain/custody/git-config.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { Settings, SettingsOf } from "../../domain/settings/settings.js";
import { expireTrash } from "../custody/expire-trash.js";
import { cacheSteps } from "../caches/make-caches.js";
import { finishTrash } from "../custody/finish-trash.js";
import { provisionEgress, type Provision } from "../egress/provision.js";
import { ensureImages, resolveImages } from "../images/agent-images.js";
import type { Host, ProjectDeps } from "../ports.js";
import { once } from "../../base/once.js";
import { loadCarried } from "../custody/carried-files.js";
import { executePlan, type AgentOutcome } from "./execute.js";
import { observe } from "./observe.js";
import { createHandlers } from "./operations.js";
import { specFor } from "./spec.js";

export interface UpRequest {
  readonly count: number;
  readonly settings: Settings;
  readonly settingsOf: SettingsOf;
  /** The entries of `[egress] allow`, and where they are written. */
  readonly allowed: readonly AllowedText[];
  readonly host: Host;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export interface UpResult {
  readonly agents: readonly AgentRef[];
  /** Why the image has to be built first; only in a dry run. */
  readonly imageCause: string | undefined;
  /** Why an egress container has to be made or started; only in a dry run. */
  readonly egressCause: string | undefined;
  readonly plan: Plan;
  /** Empty in a dry run. */
  readonly outcomes: readonly AgentOutcome[];
}

/** More new agents than this want `--force`. */
const MAX_NEW_AGENTS = 64;
/** What an idle container costs: shim, init and keep-alive (measured). */
const IDLE_BYTES = 3 * 1024 ** 2;
const START_MS_PER_CORE = 300;

/** Makes agents 1..N exist and run: observe, reconcile, and unless it is a dry run, execute. */
export async function bringUp(deps: ProjectDeps, request: UpRequest): Promise<UpResult> {
  if (request.dryRun) return run(deps, request);
  await deps.history.requireCommit(request.settings.project.base);
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    await finishTrash(deps);
    await expireTrash(deps, request.now);
    return run(deps, request);
  });
}

async function run(deps: ProjectDeps, request: UpRequest): Promise<UpResult> {
  const { host, settings, settingsOf } = request;
  deps.project.places.layout = settings.worktrees.layout;
  const indexes = Array.from({ length: request.count }, (_, position) => position + 1);
  const agents = indexes.map(agentAt);
  const needs = { engine: deps.engine, host, progress: deps.progress, signal: request.signal };
  const [start, observed, objectDirs, config, resolved, egress] = await Promise.all([
    deps.history.requireCommit(settings.project.base),
    observe(deps, indexes),
    deps.history.objectDirs(),
    deps.history.config(),
    resolveImages(needs, settingsOf, agents, { pull: !request.dryRun }),
    provisionEgress(deps, { ...request, agents }),
  ]);
  const caches = await cacheSteps(deps, settingsOf, agents);
  const wanted = observed.filter(({ agent }) => agent.index <= request.count);
  if (!request.force) await refuseTooMany(deps, wanted, start);
  const [images] = request.dryRun
    ? [resolved]
    : await Promise.all([ensureImages(needs, settingsOf, agents, resolved), egress.image()]);
  const context = { deps, host, settingsOf, imageOf: images.of, objectDirs, slotOf: egress.slotOf };
  const describe = (one: ObservedAgent) => ({
    observed: one,
    spec: specFor(context, one.agent),
    network: egress.networkOf(one.agent),
    cachesCause: caches.causeOf(one.agent),
  });
  const plan = reconcileUp(wanted.map(describe));
  const imageCause = images.all.find(({ id }) => id === undefined)?.cause;
  if (request.dryRun) return { agents, imageCause, egressCause: egress.cause, plan, outcomes: [] };
  const identity = identityOf(config, deps);
  await Promise.all([prepareHost(deps, wanted, identity), egress.prepare(), caches.tidy()]);
  const handlers = createHandlers({
    deps,
    host,
    observed: new Map(observed.map((one) => [one.agent.name, one])),
    // Asked when the container is made: its network may have found another place by then.
    spec: (agent) => Promise.resolve(specFor(context, agent)),
    network: egress.handlers,
    makeCaches: caches.make,
    start,
    identity,
    carried: once(() => loadCarried(deps, settings)),
    force: request.force,
  });
  const outcomes = await executePlan(plan, { handlers, progress: deps.progress, signal: request.signal });
  await finishEgress(deps, egress, outcomes);
  return { agents, imageCause: undefined, egressCause: undefined, plan, outcomes };
}

/** What keeps an agent from its egress is that agent's failure, told with those of the others. */
async function finishEgress(
  { progress }: Pick<ProjectDeps, "progress">,
  egress: Provision,
  outcomes: readonly AgentOutcome[],
): Promise<void> {
  try {
    await egress.finish();
  } catch (error) {
    const { message } = toDevkitError(error);
    const failures = outcomes.flatMap((one) => one.error ?? []);
    if (failures.length === 0) throw error;
    if (!failures.some((one) => one.message === message)) progress.warn(message);
  }
}

async function refuseTooMany(
  deps: ProjectDeps,
  wanted: readonly ObservedAgent[],
  start: string,
): Promise<void> {
  const fresh = wanted.filter((one) => !isPresent(one)).length;
  if (fresh <= MAX_NEW_AGENTS) return;
  const size = await deps.history.checkoutSize(start);
  const seconds = Math.ceil((fresh * START_MS_PER_CORE) / availableParallelism() / 1000);
  throw new DevkitError(
    "E_TOO_MANY",
    `${String(fresh)} new agents would take about ${formatSize(size * fresh)} of disk for their files, ` +
      `${formatSize(IDLE_BYTES * fresh)} of memory while idle and ${String(seconds)} s to start`,
    {
      hint: "if that is what you want: add --force",
      details: { newAgents: fresh, diskBytes: size * fresh, memoryBytes: IDLE_BYTES * fresh, seconds },
    },
  );
}

/** What has to hold before any operation, and costs nothing when it does. */
async function prepareHost(
  deps: ProjectDeps,
  wanted: readonly ObservedAgent[],
  identity: readonly GitConfigEntry[],
): Promise<void> {
  await deps.history.ignoreLocally("/.devkit/");
  const existing = wanted.filter((one) => one.state.home);
  await Promise.all(
    existing.map(async ({ agent }) => {
      // What one agent did to its home must not keep the others from coming up.
      await deps.state.refreshHome(agentPaths(deps.project, agent), identity).catch((error: unknown) => {
        if (!isDevkitError(error)) throw error;
        deps.progress.warn(`${agent.name}: its git identity could not be refreshed: ${error.message}`);
      });
    }),
  );
}

function identityOf(config: readonly GitConfigEntry[], deps: ProjectDeps): GitConfigEntry[] {
  const last = new Map(config.map((entry) => [entry.key, entry]));
  const identity = ["user.name", "user.email"]
    .map((key) => last.get(key))
    .filter((entry) => entry !== undefined);
  if (identity.length < 2) {
    deps.progress.warn(
      "git does not know who you are, so agents cannot commit yet; set it and run this again: " +
        'git config --global user.name "Your Name" && git config --global user.email you@example.com',
    );
  }
  return identity;
}
