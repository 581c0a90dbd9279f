import { DevkitError, isDevkitError, toDevkitError } from "../../base/errors.js";
import { quoteText, showText } from "../../base/show-text.js";
import { createTextSink } from "../../base/text-sink.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import {
  NO_WORK,
  savingCommands,
  type Finding,
  type UnsavedWork,
  type WorkKind,
} from "../../domain/custody/unsaved-work.js";
import { taskBranch } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { Task } from "../../domain/tasks/task.js";
import { runAgentScript } from "../custody/agent-git.js";
import { finishTrash } from "../custody/finish-trash.js";
import { loadHostRefs } from "../custody/host-refs.js";
import { refuseAtRisk } from "../custody/refuse-work.js";
import { SWITCH_BRANCH } from "../custody/reset-scripts.js";
import { syncAgent } from "../custody/sync.js";
import { inspectWork } from "../custody/unsaved-work.js";
import type { AssignWork } from "../ports-spawn.js";
import { requireTask } from "../tasks/require-task.js";
import { takeTask } from "../tasks/take-task.js";
import { finishLeft } from "./finish-agents.js";
import { observePresent } from "./observe.js";
import { requireAgent } from "./select.js";
import { settleAssign } from "./settle-assign.js";
import type { SpawnDeps } from "./spawn-deps.js";

export interface AssignRequest {
  readonly selector: string;
  readonly task: string;
  /** Take along what is not committed. */
  readonly force: boolean;
  /** Where the branch for the task starts: any commit-ish of the primary. */
  readonly base: string;
  readonly now: Date;
}

export interface Assigned {
  readonly agent: AgentRef;
  readonly task: Task;
  readonly branch: string;
  /** What the agent had before, pending again. */
  readonly released: readonly string[];
}

/** Files that going over to another branch would take along. */
const LOOSE: ReadonlySet<WorkKind> = new Set(["uncommitted", "untracked", "submodule", "uncompared"]);
/** What it would lose, or tear apart. */
const TORN: ReadonlySet<WorkKind> = new Set(["operation", "detached"]);

/**
 * Gives an agent another task: it goes over to a branch for that, what it had is pending again, and it is told. All of
 * it or nothing; what it has committed stays on the branch where it is.
 * @throws DevkitError E_AGENT_UNKNOWN, E_TASK_UNKNOWN (4), E_CLAIMED, E_TASK_STATE, E_WORK_AT_RISK (5)
 */
export async function assignTask(deps: SpawnDeps, request: AssignRequest): Promise<Assigned> {
  await deps.state.prepare(deps.project);
  const { assigned, observed } = await deps.locks.hold("agents", async () => {
    await finishTrash(deps);
    await finishLeft(deps, request.now);
    const observed = requireAgent(request.selector, await observePresent(deps));
    const task = requireTask(deps.pool, request.task);
    const start = await deps.history.requireCommit(request.base);
    await refuseLoose(deps, observed, start, request);
    return { assigned: await assign(deps, observed, task, start), observed };
  });
  await tell(deps, assigned, observed.state.runtime === "container");
  return assigned;
}

async function refuseLoose(
  deps: SpawnDeps,
  observed: ObservedAgent,
  start: string,
  { force }: AssignRequest,
): Promise<void> {
  const { agent } = observed;
  const { work } = await inspectWork(deps, observed, { spec: deps.spec, keptCommits: [start] });
  const counts = (kind: WorkKind) => TORN.has(kind) || (!force && LOOSE.has(kind));
  refuseAtRisk([{ agent, work }], counts, "take the files along to the new branch: add --force");
}

async function assign(
  deps: SpawnDeps,
  observed: ObservedAgent,
  { id, claim, status, startedAt, branch: earlier }: Task,
  start: string,
): Promise<Assigned> {
  const { agent } = observed;
  const branch = taskBranch(agent, id);
  const held = claim?.agent === agent.name ? { status, startedAt, branch: earlier } : undefined;
  const work: AssignWork = { kind: "assign", agent, task: id, branch, before: held };
  const before = [...deps.pool.store.load().tasks.values()].filter((one) => one.claim?.agent === agent.name);
  if (!(await deps.journal.begin(work))) throw underWay(agent);
  const step = deps.progress.step(agent, `going over to ${branch}`);
  try {
    await takeTask(deps.pool, { actor: { agent: agent.name }, id, start: true });
    const task = await deps.pool.store.update(id, (one) => ({ ...one, branch }));
    await switchBranch(deps, observed, branch, start);
    if (!(await settleAssign(deps, work))) throw notThere(agent, branch);
    const released = before.filter((one) => one.id !== id).map((one) => one.id);
    step.done([`is on ${branch}`, ...released.map((one) => `${one} is pending again`)].join(", "));
    await followOnHost(deps, observed);
    return { agent, task, branch, released };
  } catch (error) {
    step.fail(toDevkitError(error).message);
    await settleAssign({ ...deps, ...deps.uninterrupted }, work);
    throw error;
  }
}

async function switchBranch(
  deps: SpawnDeps,
  observed: ObservedAgent,
  branch: string,
  start: string,
): Promise<void> {
  const complaint = await trySwitch(deps, observed, branch, start);
  if (complaint === undefined) return;
  const { agent } = observed;
  const [save = ""] = savingCommands(agent, [LOOSE_FILES], workOf(deps, observed));
  throw new DevkitError(
    "E_WORK_AT_RISK",
    `${agent.name} cannot go over to ${branch}: ${quoteText(complaint)}`,
    {
      hint: `commit what is in the way: ${save}`,
      details: { agents: [{ agent: agent.name, work: [showText(complaint)] }], recovery: [save] },
    },
  );
}

const LOOSE_FILES: Finding = { kind: "uncommitted", text: "" };

function workOf({ project }: SpawnDeps, { agent, state }: ObservedAgent): UnsavedWork {
  return state.runtime === "host" ? { ...NO_WORK, onHost: agentPaths(project, agent).worktree } : NO_WORK;
}

/** Answers what git says when it does not. */
async function trySwitch(
  deps: SpawnDeps,
  observed: ObservedAgent,
  branch: string,
  start: string,
): Promise<string | undefined> {
  const { agent, state } = observed;
  if (state.runtime === "host") {
    try {
      await deps.worktrees.switchBranch(agentPaths(deps.project, agent).worktree, branch, start);
      return undefined;
    } catch (error) {
      if (isDevkitError(error) && error.code === "E_GIT") return error.message;
      throw error;
    }
  }
  await deps.history.lend(agent, start);
  const { stream } = createTextSink(0);
  const request = { script: SWITCH_BRANCH, args: [start, branch], stdout: stream };
  const { exitCode, complaint } = await runAgentScript(deps, observed, request);
  return exitCode === 0 ? undefined : complaint;
}

/** The next look at the agents does the same. */
async function followOnHost(deps: SpawnDeps, observed: ObservedAgent): Promise<void> {
  try {
    await syncAgent(deps, observed, await loadHostRefs(deps.history, observed.agent));
  } catch (error) {
    const known = toDevkitError(error);
    if (known.code === "E_BUG") throw error;
    deps.progress.warn(`${observed.agent.name}: its branch is not on the host yet: ${known.message}`);
  }
}

/** In its terminal, and at its next question to devkit. A title is anybody's text. */
async function tell(
  { sessions, notices, progress }: SpawnDeps,
  { agent, task, branch }: Assigned,
  isInContainer: boolean,
): Promise<void> {
  const text = `You have another task: ${task.id} - ${showText(task.title)}. Your branch is ${branch} now.`;
  try {
    if (isInContainer) await notices.leave(agent, text);
    if (!(await sessions.available())) return;
    await sessions.retitle(agent.name, `${agent.name} · ${branch}`);
    await sessions.message(agent.name, text);
  } catch (error) {
    const known = toDevkitError(error);
    if (known.code === "E_BUG") throw error;
    progress.warn(`${agent.name} could not be told: ${known.message}`);
  }
}

/** Its git says what the agent would have it say; its HEAD is read as text. */
function notThere({ name, index }: AgentRef, branch: string): DevkitError {
  return new DevkitError("E_GIT", `${name} is not on ${branch}, although its git has said so`, {
    hint: `look at it from inside: devkit exec ${String(index)} -- git status`,
  });
}

function underWay({ name }: AgentRef): DevkitError {
  return new DevkitError("E_AGENT_BUSY", `another devkit is at work on ${name}`, {
    hint: "wait for it to end, then try again",
    details: { agent: name, running: 1 },
  });
}
