import type { AgentRef } from "../agents/agent.js";
import { agentRefPrefix, detachedRef } from "../identity/names.js";
import type { Head } from "./refs.js";

/** What a private git dir holds, read as text. */
export interface AgentRefs {
  readonly head: Head;
  /** Full ref name → object id, local branches only. */
  readonly heads: ReadonlyMap<string, string>;
}

/** What the host knows of the agent's refs: full ref name → object id. */
export type HostRefs = ReadonlyMap<string, string>;

/** One ref that comes home. */
export interface RefUpdate {
  /** The ref inside the private git dir, or HEAD for a detached head. */
  readonly from: string;
  /** The ref on the host, always in the agent's own namespace. */
  readonly to: string;
  readonly oid: string;
  /** What the host has there now. */
  readonly hostOid: string | undefined;
}

export interface SyncPlan {
  readonly updates: readonly RefUpdate[];
  /** Where the host worktree's HEAD has to point: a full ref, or an object id when the agent is detached. */
  readonly head: string;
}

const HEADS = "refs/heads/";

/** Compares as text; an empty list of updates means there is nothing to do but perhaps to move HEAD. */
export function planSync(agent: AgentRef, refs: AgentRefs, host: HostRefs): SyncPlan {
  const places = placeBranches(agent, [...refs.heads.keys()], [...host.keys()]);
  const updates: RefUpdate[] = [];
  const add = (from: string, to: string, oid: string) => {
    const hostOid = host.get(to);
    if (hostOid !== oid) updates.push({ from, to, oid, hostOid });
  };
  for (const [from, to] of places) add(from, to, refs.heads.get(from) ?? "");
  const { head } = refs;
  if (head.kind === "branch") return { updates, head: places.get(head.ref) ?? placeOf(agent, head.ref) };
  add("HEAD", detachedRef(agent), head.oid);
  return { updates, head: head.oid };
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
