import { quoteText } from "../../base/show-text.js";
import { createTextSink } from "../../base/text-sink.js";
import { DevkitError, toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { planSync, type AgentRefs } from "../../domain/custody/sync-plan.js";
import { TRASH_REFS, trashRefPrefix } from "../../domain/custody/trash.js";
import { RESET_RISKS, type UnsavedWork } from "../../domain/custody/unsaved-work.js";
import { detachedRef } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { AgentOutcome } from "../agents/execute.js";
import type { SpecOf } from "../agents/list.js";
import { observePresent } from "../agents/observe.js";
import { selectContained } from "../host-runtime/refuse-on-host.js";
import type { ProjectDeps } from "../ports.js";
import { runAgentScript } from "./agent-git.js";
import { findFreeStamp } from "./free-stamp.js";
import { finishTrash } from "./finish-trash.js";
import { refuseAtRisk } from "./refuse-work.js";
import { MOVE_BRANCH } from "./reset-scripts.js";
import { saveFiles } from "./save-files.js";
import { loadHostRefs } from "./host-refs.js";
import { syncAgent } from "./sync.js";
import { requireClean } from "./sync-outcome.js";
import { inspectWork } from "./unsaved-work.js";

export interface ResetRequest {
  readonly selectors: readonly string[];
  /** Branch, ref or commit. */
  readonly to: string;
  readonly force: boolean;
  readonly spec: SpecOf;
  readonly now: Date;
}

export interface ResetAgent {
  readonly agent: AgentRef;
  /** The host's ref of what was reset. */
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string;
  /** What is kept of what it left: refs in the trash. */
  readonly kept: readonly string[];
}

export interface ResetResult {
  readonly reset: readonly ResetAgent[];
  readonly outcomes: readonly AgentOutcome[];
}

const FORCED = "keep it in the trash for 30 days and reset all the same: add --force";

/** Puts agents' current branches, worktrees and indexes at a commit; what that leaves behind is kept in the trash. */
export async function resetAgents(deps: ProjectDeps, request: ResetRequest): Promise<ResetResult> {
  const target = await requireTarget(deps, request.to);
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    await finishTrash(deps);
    const wanted = selectContained(deps.project, request.selectors, await observePresent(deps));
    const keptCommits = [target];
    const inspected = await Promise.all(
      wanted.map(async (observed) => ({
        observed,
        agent: observed.agent,
        work: (await inspectWork(deps, observed, { spec: request.spec, keptCommits })).work,
      })),
    );
    if (!request.force) {
      refuseAtRisk(inspected, (kind) => RESET_RISKS.has(kind) || kind === "unsynced", FORCED);
    }
    const reset: ResetAgent[] = [];
    const outcomes = await Promise.all(
      inspected.map(async ({ observed, agent, work }): Promise<AgentOutcome> => {
        const step = deps.progress.step(agent, "resetting");
        try {
          reset.push(await resetOne(deps, { observed, work, target, request }));
          step.done(`is at ${target.slice(0, 12)}`);
          return { agent, done: [], error: undefined };
        } catch (error) {
          const known = toDevkitError(error);
          step.fail(known.message);
          return { agent, done: [], error: known };
        }
      }),
    );
    return { reset: reset.sort((a, b) => a.agent.index - b.agent.index), outcomes };
  });
}

async function requireTarget(deps: ProjectDeps, to: string): Promise<string> {
  return deps.history.requireCommit(to).catch((error: unknown) => {
    const known = toDevkitError(error);
    if (known.code !== "E_NO_COMMIT") throw error;
    throw new DevkitError("E_NO_COMMIT", known.message, {
      hint: "see what there is: git branch --all",
      cause: error,
    });
  });
}

interface ResetOne {
  readonly observed: ObservedAgent;
  readonly work: UnsavedWork;
  readonly target: string;
  readonly request: ResetRequest;
}

/** Where an agent is and which branch it is about. */
interface Place {
  /** Full ref inside; undefined: its detached HEAD. */
  readonly branch: string | undefined;
  readonly hostRef: string;
  readonly from: string | undefined;
  readonly hostFrom: string | undefined;
  readonly head: string | undefined;
}

async function resetOne(deps: ProjectDeps, one: ResetOne): Promise<ResetAgent> {
  const { observed, target, request } = one;
  const { agent } = observed;
  const needs = { ...deps, spec: request.spec };
  const paths = agentPaths(deps.project, agent);
  const { place, saved } = await deps.locks.hold(`sync-${agent.name}`, async () => {
    const found = await findPlace(deps, observed);
    const isClean =
      one.work.operations.length === 0 && one.work.unsynced === undefined && !hasFiles(one.work);
    const prefix = trashRefPrefix(agent, await findFreeStamp(deps, agent, request.now));
    // What git is in the middle of goes too: its progress is in the saved commit.
    const commit = isClean ? undefined : await saveFiles(needs, observed, `${prefix}files`);
    await requireHome(deps, agent, found);
    await lendAll(deps, agent, found, target);
    // From here the host's branch counts as the agent's: the sync follows where that goes, and keeps what it leaves.
    const last = await deps.state.lastSynced(paths);
    const { hostRef, hostFrom } = found;
    if (hostFrom !== undefined)
      await deps.state.setLastSynced(paths, new Map([...last, [hostRef, [hostFrom]]]));
    await moveInside(needs, observed, { place: found, target, saved: commit });
    return { place: found, saved: commit };
  });
  const refs = await loadHostRefs(deps.history, agent);
  requireClean(await syncAgent(needs, observed, refs));
  const left = new Set([saved, place.from, place.hostFrom]);
  const trash = [...(await deps.refs.list(`${TRASH_REFS}/${agent.name}`))].reverse();
  // Whichever sync was first has kept the old tip; an older reset may have kept the same commit.
  const kept = [
    ...new Map(trash.filter(([, oid]) => left.has(oid)).map(([ref, oid]) => [oid, ref])).values(),
  ];
  return { agent, ref: place.hostRef, from: place.from, to: target, kept };
}

function hasFiles(work: UnsavedWork): boolean {
  return work.changed > 0 || work.untracked > 0 || work.uncomparedFiles;
}

async function findPlace(deps: ProjectDeps, { agent }: ObservedAgent): Promise<Place> {
  const paths = agentPaths(deps.project, agent);
  const [refs, activity] = await Promise.all([deps.state.readRefs(paths), deps.state.readActivity(paths)]);
  if (refs === undefined) {
    throw new DevkitError("E_GIT", "its private git dir has no readable HEAD", {
      hint: `look at it from inside: devkit exec ${String(agent.index)} -- git status`,
    });
  }
  const hostRefs = await loadHostRefs(deps.history, agent);
  const head = tipOf(refs);
  const left = activity.interruptedBranch;
  const isLeft = refs.head.kind === "detached" && left !== undefined && refs.heads.has(left);
  const branch = refs.head.kind === "branch" ? refs.head.ref : isLeft ? left : undefined;
  const shown: AgentRefs = branch === undefined ? refs : { ...refs, head: { kind: "branch", ref: branch } };
  const plan = planSync(agent, shown, hostRefs, new Map());
  const hostRef = branch === undefined ? detachedRef(agent) : plan.head;
  return { branch, hostRef, from: tipOf(shown), hostFrom: hostRefs.get(hostRef), head };
}

function tipOf({ head, heads }: AgentRefs): string | undefined {
  return head.kind === "detached" ? head.oid : heads.get(head.ref);
}

/** What is left behind must be here before the agent lets go of it. */
async function requireHome(deps: ProjectDeps, agent: AgentRef, { from }: Place): Promise<void> {
  if (from === undefined || (await deps.history.connected([from])).has(from)) return;
  throw new DevkitError("E_WORK_AT_RISK", `its commit ${from.slice(0, 12)} could not come home`, {
    hint: `see why: devkit agent sync ${String(agent.index)}`,
  });
}

/** What it will borrow from now on; and what it leaves, for its stashes and reflog may go on needing that. */
async function lendAll(deps: ProjectDeps, agent: AgentRef, { from }: Place, target: string): Promise<void> {
  await deps.history.lend(agent, target);
  if (from !== undefined && from !== target) await deps.history.lend(agent, from);
}

async function moveInside(
  needs: ProjectDeps & { readonly spec: SpecOf },
  observed: ObservedAgent,
  { place, target, saved }: { place: Place; target: string; saved: string | undefined },
): Promise<void> {
  const branch = place.branch?.replace(/^refs\/heads\//, "") ?? "";
  const args = [target, branch, place.head ?? "", saved ?? ""];
  const stdout = createTextSink(0).stream;
  const { exitCode, complaint } = await runAgentScript(needs, observed, {
    script: MOVE_BRANCH,
    args,
    stdout,
  });
  if (exitCode === 0) return;
  throw new DevkitError("E_GIT", `git cannot reset it inside the agent: ${quoteText(complaint)}`, {
    hint: `look at it from inside: devkit exec ${String(observed.agent.index)} -- git status`,
  });
}
