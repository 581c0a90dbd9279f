import { availableParallelism } from "node:os";
import { createLimiter } from "../../base/concurrency.js";
import { DevkitError, toDevkitError } from "../../base/errors.js";
import { once } from "../../base/once.js";
import { quoteText } from "../../base/show-text.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { chain, type Plan } from "../../domain/agents/plan.js";
import { baseRef, lockReason } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { Settings, SettingsOf } from "../../domain/settings/settings.js";
import type { AgentOutcome } from "../agents/execute.js";
import { observe } from "../agents/observe.js";
import { refuseTooMany } from "../agents/refuse-too-many.js";
import { loadCarried, warnAboutCheckout } from "../custody/carried-files.js";
import type { CarriedFiles, ProjectDeps } from "../ports.js";

export interface HostRequest {
  readonly settings: Settings;
  readonly settingsOf: SettingsOf;
  /** Whether their program is started. */
  readonly hasSession: boolean;
  /** More at once than usual. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** What making these agents would do, and everything that keeps it from succeeding and can be known before. @throws DevkitError */
export async function foreseeOnHost(
  deps: ProjectDeps,
  agents: readonly AgentRef[],
  { settings, settingsOf, hasSession, force }: HostRequest,
): Promise<Plan> {
  deps.project.places.layout = settings.worktrees.layout;
  const indexes = agents.map(({ index }) => index);
  const [start, observed] = await Promise.all([
    deps.history.requireCommit(settings.project.base),
    observe(deps, indexes),
  ]);
  if (!force) {
    const wanted = observed.filter(({ agent }) => indexes.includes(agent.index));
    await refuseTooMany(deps, wanted, start);
  }
  if (hasSession) for (const agent of agents) await requireProgram(deps, settingsOf(agent).agent.command);
  const steps = [
    { kind: "worktree.add", cause: "it has no worktree" },
    { kind: "worktree.checkout", cause: "the worktree is new" },
  ] as const;
  return { operations: agents.flatMap((agent) => chain(agent, steps)) };
}

async function requireProgram({ programs }: ProjectDeps, program: string): Promise<void> {
  if (await programs.has(program)) return;
  throw new DevkitError("E_CLI_MISSING", `there is no program ${quoteText(program)} on this machine`, {
    hint: "install it, name another ([agent] command), or: devkit agent spawn --runtime host --no-tmux",
    details: { program },
  });
}

/** An agent to make, and the branch that it starts on. */
export interface HostAgent {
  readonly agent: AgentRef;
  readonly branch: string;
}

/**
 * Makes agents of a worktree each, with the user's own git, as the user would. `onBegin`: once nothing is in the way any more;
 * gets what there is of them.
 */
export async function makeOnHost(
  deps: ProjectDeps,
  agents: readonly HostAgent[],
  {
    settings,
    signal,
    onBegin,
  }: HostRequest & { onBegin(this: void, there: readonly ObservedAgent[]): Promise<void> },
): Promise<AgentOutcome[]> {
  const start = await deps.history.requireCommit(settings.project.base);
  return deps.locks.hold("agents", async () => {
    const indexes = agents.map(({ agent }) => agent.index);
    const observed = await observe(deps, indexes);
    await onBegin(observed.filter(({ agent }) => indexes.includes(agent.index)));
    await deps.history.ignoreLocally("/.devkit/");
    const carried = once(() => loadCarried(deps, settings));
    const limit = createLimiter(availableParallelism());
    return Promise.all(agents.map((one) => limit(() => makeOne(deps, one, { start, carried, signal }))));
  });
}

interface Making {
  readonly start: string;
  readonly carried: () => Promise<CarriedFiles>;
  readonly signal: AbortSignal;
}

async function makeOne(
  deps: ProjectDeps,
  { agent, branch }: HostAgent,
  { start, carried, signal }: Making,
): Promise<AgentOutcome> {
  const { worktree } = agentPaths(deps.project, agent);
  const step = deps.progress.step(agent, "adding the worktree");
  try {
    signal.throwIfAborted();
    // What it has done is told by where it started, which need not be on a branch.
    await deps.history.setRef(baseRef(agent), start);
    await deps.worktrees.add({ worktree, branch, start, reason: lockReason(agent) });
    signal.throwIfAborted();
    step.update("checking files out");
    const options = { trusted: true, modules: false, carried: await carried() };
    warnAboutCheckout(deps.progress, agent, await deps.worktrees.checkout(worktree, options));
    step.done();
    return { agent, done: [], error: undefined };
  } catch (error) {
    const failure = toDevkitError(signal.aborted ? signal.reason : error);
    step.fail(failure.message);
    return { agent, done: [], error: failure };
  }
}
