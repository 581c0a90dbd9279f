import { isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { refuseRef, type RefusedRef } from "../../domain/custody/refs.js";
import {
  planSync,
  type Agreed,
  type HostRefs,
  type RefMove,
  type SyncPlan,
} from "../../domain/custody/sync-plan.js";
import { replacedRef, toStamp } from "../../domain/custody/trash.js";
import { baseRef } from "../../domain/identity/names.js";
import { agentPaths, type AgentPaths } from "../../domain/identity/project.js";
import type { ProjectDeps } from "../ports.js";
import type { AgentGitNeeds } from "./agent-git.js";
import type { Glance } from "./glance.js";
import { fetchCommits, type Fetched } from "./fetch-commits.js";
import { giveCommits } from "./give-commits.js";
import { loadHostRefs } from "./host-refs.js";
import { nothingSynced, type DivergedRef, type SyncedRef, type SyncOutcome } from "./sync-outcome.js";
import { syncLfs } from "./sync-lfs.js";
import { syncModules } from "./sync-modules.js";

export interface SyncNeeds
  extends
    AgentGitNeeds,
    Pick<ProjectDeps, "project" | "worktrees" | "history" | "state" | "locks" | "policy"> {
  /** How long the agent's git may be silent; by default a minute. */
  readonly patienceMs?: number;
}

/** For commands that show something: an agent that does not answer must not keep them. */
export const SHORT_PATIENCE_MS = 8_000;
/** For whoever asked for just this; git counts objects for a while before it sends the first. */
export const LONG_PATIENCE_MS = 600_000;
const PATIENCE_MS = 60_000;

/**
 * Brings an agent's commits home, and the host's to the agent. First compares ref files as text, which costs next to
 * nothing when there is no news (`glance`: somebody has read them already); only then git runs, inside the agent's container, and the host takes what it sends,
 * with every object checked.
 */
export async function syncAgent(
  needs: SyncNeeds,
  observed: ObservedAgent,
  host: HostRefs,
  glance?: Glance,
): Promise<SyncOutcome> {
  // First what commits name: those of submodules, and files of git-lfs.
  const modules = await syncModules(needs, observed, syncHistory);
  if (observed.state.git) await syncLfs(needs, observed);
  return {
    ...(await syncHistory(needs, observed, host, glance)),
    ...(modules.length === 0 ? {} : { modules }),
  };
}

async function syncHistory(
  needs: SyncNeeds,
  observed: ObservedAgent,
  host: HostRefs,
  glance?: Glance,
): Promise<SyncOutcome> {
  const { agent } = observed;
  if (!observed.state.git) return nothingSynced(agent);
  const paths = agentPaths(needs.project, agent);
  const first =
    glance === undefined
      ? await readPlan(needs, agent, paths, host)
      : planSync(agent, glance.refs, host, glance.last);
  if (first === undefined) return { ...nothingSynced(agent), unreadable: true };
  const isPending = glance?.isPending ?? (await needs.state.isSyncPending(paths));
  if (first.updates.length === 0 && !movesHead(observed, first) && !isPending) {
    return { ...nothingSynced(agent), refused: first.refused, head: first.head };
  }
  return needs.locks.hold(`sync-${agent.name}`, () => settle(needs, observed, paths, isPending));
}

async function readPlan(
  needs: SyncNeeds,
  agent: AgentRef,
  paths: AgentPaths,
  host: HostRefs,
): Promise<SyncPlan | undefined> {
  const [refs, last] = await Promise.all([needs.state.readRefs(paths), needs.state.lastSynced(paths)]);
  return refs === undefined ? undefined : planSync(agent, refs, host, last);
}

function movesHead(observed: ObservedAgent, plan: SyncPlan): boolean {
  if (!observed.worktree.registered) return false;
  const current = observed.worktree.branch;
  return current === undefined ? plan.head.startsWith("refs/") : plan.head !== `refs/heads/${current}`;
}

/** Under the lock: compares again, fetches, moves, gives, and lets the host's worktree follow. */
async function settle(
  needs: SyncNeeds,
  observed: ObservedAgent,
  paths: AgentPaths,
  isPending: boolean,
): Promise<SyncOutcome> {
  const { agent } = observed;
  const host = await loadHostRefs(needs.history, agent);
  const plan = await readPlan(needs, agent, paths, host);
  // Removed while this waited for its turn, or spoilt: what was read before must not make anything anew.
  if (plan === undefined) return { ...nothingSynced(agent), unreadable: true };
  // The branch moves before the worktree's index does; the mark makes the next sync finish what this one may not.
  await needs.state.setSyncPending(paths, true);
  const fetched = await fetchAll(needs, observed, plan);
  const before = await needs.state.lastSynced(paths);
  // Before the refs move: a run that is killed in between must not take its own move for one of the host's.
  await noteAgreed(needs, paths, before, fetched.updates);
  const moves = await needs.history.moveRefs({
    updates: fetched.updates,
    held: fetched.updates.length === 0 ? new Map() : await heldRefs(needs, paths),
    keepAs: (ref, oid) => replacedRef(agent, toStamp(new Date()), ref, oid),
  });
  const giving = moves.filter(({ result, from }) => result === "give" && from !== "HEAD");
  const given = await giveCommits(needs, observed, giving, headInside(plan, fetched.updates));
  if (moves.length > 0) await settleAgreed(needs, paths, before, { moves, given: given.given });
  // The user has been at work in the worktree: git on the host may have written its index anew.
  if (given.given.length > 0 && observed.worktree.registered)
    await needs.worktrees.hideModules(paths.worktree);
  const refused = [...plan.refused, ...fetched.refused, ...moves.flatMap(refusal), ...given.refused];
  const outcome: SyncOutcome = {
    agent,
    updated: moves.filter(({ result }) => result === "moved").map(toSynced),
    given: given.given,
    diverged: moves.filter(({ result }) => result === "diverged").map(toDiverged),
    refused,
    unreadable: false,
    head: plan.head,
  };
  return followHead(needs, observed, paths, { outcome, host, plan, isPending });
}

async function fetchAll(needs: SyncNeeds, observed: ObservedAgent, plan: SyncPlan): Promise<Fetched> {
  if (plan.updates.length === 0) return { updates: [], refused: [] };
  const base = await needs.history.findRef(baseRef(observed.agent));
  const known = new Set(
    [base, ...plan.updates.map(({ hostOid }) => hostOid)].filter((oid) => oid !== undefined),
  );
  const patienceMs = needs.patienceMs ?? PATIENCE_MS;
  return fetchCommits({ ...needs, patienceMs }, observed, plan.updates, [...known]);
}

/** Until it is known what moved, the old commit counts as agreed as well as the new one. */
async function noteAgreed(
  needs: SyncNeeds,
  paths: AgentPaths,
  before: Agreed,
  updates: Fetched["updates"],
): Promise<void> {
  if (updates.length === 0) return;
  const both = updates.map(({ to, oid }) => [to, [...(before.get(to) ?? []), oid]] as const);
  await needs.state.setLastSynced(paths, new Map([...before, ...both]));
}

/** What did not move is agreed where it was; what the host gave is where the agent's rewriting starts from. */
async function settleAgreed(
  needs: SyncNeeds,
  paths: AgentPaths,
  before: Agreed,
  done: { readonly moves: readonly RefMove[]; readonly given: readonly SyncedRef[] },
): Promise<void> {
  const agreed = new Map(before);
  for (const { result, to, oid } of done.moves) if (result === "moved") agreed.set(to, [oid]);
  for (const { ref, to } of done.given) agreed.set(ref, [to]);
  await needs.state.setLastSynced(paths, agreed);
}

/** A branch that the user has checked out somewhere must not move under their files. */
async function heldRefs(needs: SyncNeeds, paths: AgentPaths): Promise<ReadonlyMap<string, string>> {
  const records = await needs.worktrees.list();
  const others = records.filter((record) => record.path !== paths.worktree && record.branch !== undefined);
  return new Map(
    others.map(({ branch, path }) => [`refs/heads/${branch ?? ""}`, `it is checked out in ${path}`]),
  );
}

/** The name inside of the branch that HEAD is on. */
function headInside(plan: SyncPlan, updates: Fetched["updates"]): string | undefined {
  return updates.find(({ to }) => to === plan.head)?.from;
}

interface Following {
  readonly outcome: SyncOutcome;
  readonly host: HostRefs;
  readonly plan: SyncPlan;
  readonly isPending: boolean;
}

/** Lets the host worktree's HEAD and index follow the agent's, when they are on something the host has. */
async function followHead(
  needs: SyncNeeds,
  observed: ObservedAgent,
  paths: AgentPaths,
  { outcome, host, plan, isPending }: Following,
): Promise<SyncOutcome> {
  const { head } = plan;
  const isThere = host.has(head) || outcome.updated.some(({ ref, to }) => ref === head || to === head);
  const isKnown = isThere || (!head.startsWith("refs/") && [...host.values()].includes(head));
  const isWanted = isPending || outcome.updated.length > 0 || movesHead(observed, plan);
  const isHeld = outcome.refused.some(({ ref }) => ref === head);
  let diverged = outcome.diverged;
  if (isKnown && isWanted && !isHeld && observed.worktree.registered) {
    const left = await tryMoveHead(needs, paths, head);
    if (left !== undefined) diverged = [...diverged, { ref: "HEAD", host: left, agent: head }];
  }
  await needs.state.setSyncPending(paths, false);
  return { ...outcome, diverged };
}

/** Answers the commit on which the user works detached in the worktree, when moving would leave it behind. */
async function tryMoveHead(needs: SyncNeeds, paths: AgentPaths, head: string): Promise<string | undefined> {
  try {
    await needs.history.moveHead(paths.worktree, head);
    return undefined;
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_DIVERGED") throw error;
    return String(error.details["commit"]);
  }
}

function toSynced({ to, hostOid, oid, keptAs }: RefMove): SyncedRef {
  return { ref: to, from: hostOid, to: oid, keptAs };
}

function toDiverged({ to, hostOid, oid }: RefMove): DivergedRef {
  return { ref: to, host: hostOid, agent: oid };
}

function refusal(move: RefMove): RefusedRef[] {
  return move.result === "refused" ? [refuseRef(move.to, move.reason)] : [];
}
