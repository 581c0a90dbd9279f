import type { AgentRef } from "../agents/agent.js";
import { agentRefPrefix, detachedRef } from "../identity/names.js";
import type { Head, RefusedRef } from "./refs.js";

/** What a private git dir holds, read as text. */
export interface AgentRefs {
  readonly head: Head;
  /** Full ref name → object id, local branches only. */
  readonly heads: ReadonlyMap<string, string>;
  /** What stands among the branches and is none that can come home. */
  readonly refused: readonly RefusedRef[];
}

/** What the host knows of the agent's refs: full ref name → object id. */
export type HostRefs = ReadonlyMap<string, string>;

/** Host ref → the commits of it that are known to have been the agent's too. */
export type Agreed = ReadonlyMap<string, readonly string[]>;

/** One ref that comes home. */
export interface RefUpdate {
  /** The ref inside the private git dir, or HEAD for a detached head. */
  readonly from: string;
  /** The ref on the host, always in the agent's own namespace. */
  readonly to: string;
  readonly oid: string;
  /** What the host has there now. */
  readonly hostOid: string | undefined;
  /** Where both sides were when they last agreed: two commits when a sync was cut off before it knew. */
  readonly agreed: readonly string[];
}

/** How two commits stand: `forward`: the agent's builds on the host's; `behind`: the other way round. */
export type Ancestry = "forward" | "behind" | "diverged";

/**
 * What is to be done about a ref that differs. `take`: it moves on the host, and nothing there is lost; `rewrite`: the agent has rewritten
 * what the host has from it, so the old tip is kept aside; `give`: the host has commits for the agent; `diverged`: both
 * sides have commits of their own.
 */
export type RefDecision = "take" | "rewrite" | "give" | "diverged";

export function decideRef({ hostOid, agreed }: RefUpdate, ancestry: Ancestry): RefDecision {
  if (hostOid === undefined || ancestry === "forward") return "take";
  // The host's branch is as it came from the agent: nobody but the agent has worked on it.
  if (agreed.includes(hostOid)) return "rewrite";
  return ancestry === "behind" ? "give" : "diverged";
}

/** What became of one update. */
export type RefMove = RefUpdate & {
  /** Where the old tip of a rewritten branch is kept. */
  readonly keptAs?: string;
} & (
    | { readonly result: "moved" | "give" | "diverged" }
    | { readonly result: "refused"; readonly reason: string }
  );

export interface SyncPlan {
  readonly updates: readonly RefUpdate[];
  /** Where the host worktree's HEAD has to point: a full ref, or an object id when the agent is detached. */
  readonly head: string;
  readonly refused: readonly RefusedRef[];
}

const HEADS = "refs/heads/";

/** Compares as text; an empty list of updates means there is nothing to do but perhaps to move HEAD. */
export function planSync(agent: AgentRef, refs: AgentRefs, host: HostRefs, last: Agreed): SyncPlan {
  const places = placeBranches(agent, [...refs.heads.keys()], [...host.keys()]);
  const updates: RefUpdate[] = [];
  const add = (from: string, to: string, oid: string) => {
    const hostOid = host.get(to);
    if (hostOid !== oid) updates.push({ from, to, oid, hostOid, agreed: last.get(to) ?? [] });
  };
  for (const [from, to] of places) add(from, to, refs.heads.get(from) ?? "");
  const { head, refused } = refs;
  if (head.kind === "branch")
    return { updates, head: places.get(head.ref) ?? placeOf(agent, head.ref), refused };
  add("HEAD", detachedRef(agent), head.oid);
  return { updates, head: head.oid, refused };
}

/**
 * The host ref each local branch arrives at: the agent's own `agent/<name>/*` as they are, any other below that. Where
 * the place is taken, or would have to be a file and a directory, the next free name is used: nothing is left behind.
 */
function placeBranches(
  agent: AgentRef,
  branches: readonly string[],
  onHost: readonly string[],
): Map<string, string> {
  const isOwn = (ref: string) => ref.startsWith(agentRefPrefix(agent));
  const sorted = [...branches].sort((a, b) => (a < b ? -1 : 1));
  const places = new Map<string, string>();
  const names = new Set<string>();
  const directories = new Set<string>();
  const hostNames = new Set(onHost);
  const hostDirectories = new Set(onHost.flatMap(parentsOf));
  const isFree = (place: string) =>
    !hostDirectories.has(place) &&
    !parentsOf(place).some((parent) => hostNames.has(parent)) &&
    !names.has(place) &&
    !directories.has(place) &&
    !parentsOf(place).some((parent) => names.has(parent));
  for (const ref of [...sorted.filter(isOwn), ...sorted.filter((one) => !isOwn(one))]) {
    const wanted = placeOf(agent, ref);
    const flat = `${agentRefPrefix(agent)}${wanted.slice(agentRefPrefix(agent).length).replaceAll("/", "-")}`;
    let place = wanted;
    for (let attempt = 1; !isFree(place); attempt += 1) {
      place = attempt === 1 ? flat : `${flat}-${String(attempt)}`;
    }
    names.add(place);
    for (const parent of parentsOf(place)) directories.add(parent);
    places.set(ref, place);
  }
  return places;
}

function placeOf(agent: AgentRef, ref: string): string {
  const prefix = agentRefPrefix(agent);
  return ref.startsWith(prefix) ? ref : `${prefix}${ref.slice(HEADS.length)}`;
}

/** `a/b/c` → `a`, `a/b`: a ref cannot be a file and a directory. */
function parentsOf(ref: string): string[] {
  const parts = ref.split("/");
  return parts.slice(1).map((_, position) => parts.slice(0, position + 1).join("/"));
}
