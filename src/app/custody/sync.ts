import { once } from "node:events";
import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths, type AgentPaths } from "../../domain/identity/project.js";
import { baseRef } from "../../domain/identity/names.js";
import { planSync, type HostRefs, type RefUpdate, type SyncPlan } from "../../domain/custody/sync-plan.js";
import type { ProjectDeps } from "../ports.js";
import { runAgentGit, type AgentGitNeeds } from "./agent-git.js";

export interface SyncedRef {
  /** Full ref on the host. */
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string;
}

export interface DivergedRef {
  readonly ref: string;
  readonly host: string | undefined;
  readonly agent: string;
}

export interface SyncOutcome {
  readonly agent: AgentRef;
  readonly updated: readonly SyncedRef[];
  /** Refs whose host side has commits the agent's has not; left as they are on both sides. */
  readonly diverged: readonly DivergedRef[];
  /** The agent made its private git dir unreadable: nothing could be compared. */
  readonly unreadable: boolean;
  /** Where the agent's HEAD is on the host: a full ref, or an object id when it is detached. */
  readonly head: string | undefined;
}

export type SyncNeeds = AgentGitNeeds & Pick<ProjectDeps, "project" | "history" | "state" | "locks">;

/**
 * Brings an agent's commits home. First compares ref files as text, which costs next to nothing when there is no
 * news; only then git runs, inside the agent's container, and the host takes its bundle with every object checked.
 */
export async function syncAgent(
  needs: SyncNeeds,
  observed: ObservedAgent,
  host: HostRefs,
): Promise<SyncOutcome> {
  const { agent } = observed;
  const nothing: SyncOutcome = { agent, updated: [], diverged: [], unreadable: false, head: undefined };
  if (!observed.state.git) return nothing;
  const paths = agentPaths(needs.project, agent);
  const first = await readPlan(needs, agent, paths, host);
  if (first === undefined) return { ...nothing, unreadable: true };
  const isPending = await needs.state.isSyncPending(paths);
  if (first.updates.length === 0 && !movesHead(observed, first) && !isPending)
    return { ...nothing, head: first.head };
  return needs.locks.hold(`sync-${agent.name}`, async () => {
    const now = (await needs.history.agentRefs()).get(agent.name) ?? new Map<string, string>();
    const plan = (await readPlan(needs, agent, paths, now)) ?? first;
    // The branch moves before the worktree's index does; the mark makes the next sync finish what this one may not.
    await needs.state.setSyncPending(paths, true);
    await takeMissing(needs, observed, paths, plan.updates);
    const outcome = await settle(needs, observed, plan);
    const heads = (await needs.history.agentRefs()).get(agent.name);
    const isThere = !plan.head.startsWith("refs/") || heads?.has(plan.head) === true;
    const canMove = isThere && observed.worktree.registered;
    if (canMove && (isPending || outcome.updated.length > 0 || movesHead(observed, plan))) {
      await needs.history.moveHead(paths.worktree, plan.head);
    }
    await needs.state.setSyncPending(paths, false);
    return outcome;
  });
}

async function readPlan(
  needs: SyncNeeds,
  agent: AgentRef,
  paths: AgentPaths,
  host: HostRefs,
): Promise<SyncPlan | undefined> {
  const refs = await needs.state.readRefs(paths);
  return refs === undefined ? undefined : planSync(agent, refs, host);
}

function movesHead(observed: ObservedAgent, plan: SyncPlan): boolean {
  if (!observed.worktree.registered) return false;
  const current = observed.worktree.branch;
  return current === undefined ? plan.head.startsWith("refs/") : plan.head !== `refs/heads/${current}`;
}

/** Objects the host lacks come as a bundle made inside; refs to commits it has are set directly afterwards. */
async function takeMissing(
  needs: SyncNeeds,
  observed: ObservedAgent,
  paths: AgentPaths,
  updates: readonly RefUpdate[],
): Promise<void> {
  if (updates.length === 0) return;
  const have = await needs.history.existing(updates.map((update) => update.oid));
  const missing = updates.filter((update) => !have.has(update.oid));
  if (missing.length === 0) return;
  const base = await needs.history.findRef(baseRef(observed.agent));
  const known = [base, ...updates.map((update) => update.hostOid)].filter((oid) => oid !== undefined);
  await needs.state.withIncoming(paths, async (file, sink) => {
    await bundle(needs, observed, sink, missing, known);
    await needs.history.fetchBundle(file, missing);
  });
}

async function bundle(
  needs: SyncNeeds,
  observed: ObservedAgent,
  sink: NodeJS.WritableStream,
  refs: readonly RefUpdate[],
  known: readonly string[],
): Promise<void> {
  const wanted = refs.map((update) => update.from);
  const args = ["bundle", "create", "-q", "-", "--ignore-missing", ...wanted, "--not", ...known];
  const { exitCode, complaint } = await runAgentGit(needs, observed, { args, stdout: sink });
  sink.end();
  await once(sink, "finish");
  if (exitCode !== 0) {
    throw new DevkitError("E_GIT", `git bundle failed inside the agent: ${JSON.stringify(complaint)}`, {
      hint: `look at its repository: devkit exec ${String(observed.agent.index)} -- git fsck`,
    });
  }
}

/** Compares again: what is not where the agent has it by now was refused, because it was no fast-forward. */
async function settle(needs: SyncNeeds, { agent }: ObservedAgent, plan: SyncPlan): Promise<SyncOutcome> {
  const hostRefs = async () => (await needs.history.agentRefs()).get(agent.name) ?? new Map<string, string>();
  const before = await hostRefs();
  const have = await existing(needs, plan.updates);
  for (const update of plan.updates) {
    if (before.get(update.to) === update.hostOid) await needs.history.forward(update);
  }
  const after = await hostRefs();
  const updated: SyncedRef[] = [];
  const diverged: DivergedRef[] = [];
  for (const { to, oid, hostOid } of plan.updates) {
    const current = after.get(to);
    if (current !== hostOid) updated.push({ ref: to, from: hostOid, to: current ?? oid });
    else if (!(await isBehind(needs, have, oid, current)))
      diverged.push({ ref: to, host: current, agent: oid });
  }
  return { agent, updated, diverged, unreadable: false, head: plan.head };
}

async function existing(needs: SyncNeeds, updates: readonly RefUpdate[]): Promise<ReadonlySet<string>> {
  return updates.length === 0 ? new Set() : needs.history.existing(updates.map((update) => update.oid));
}

/** The host only has more than the agent: a commit made on the host, not a conflict. */
async function isBehind(
  needs: SyncNeeds,
  have: ReadonlySet<string>,
  oid: string,
  hostOid: string | undefined,
): Promise<boolean> {
  return hostOid !== undefined && have.has(oid) && needs.history.isAncestor(oid, hostOid);
}

/** Throws E_DIVERGED for an outcome that is not clean; `sync` and everything that depends on it wants this. */
export function requireClean(outcome: SyncOutcome): void {
  const [first] = outcome.diverged;
  if (outcome.unreadable) {
    throw new DevkitError("E_GIT", "its private git dir has no readable HEAD", {
      hint: `look at it from inside: devkit exec ${String(outcome.agent.index)} -- git status`,
    });
  }
  if (first === undefined) return;
  const host = first.host?.slice(0, 12) ?? "nothing";
  throw new DevkitError(
    "E_DIVERGED",
    `${first.ref} is at ${host} on the host and at ${first.agent.slice(0, 12)} in the agent`,
    {
      hint: `keep both: the agent can rename its branch (devkit exec ${String(outcome.agent.index)} -- git branch -m other-name)`,
      details: { diverged: outcome.diverged },
    },
  );
}
