import type { AgentRef } from "../agents/agent.js";
import { agentRefPrefix, detachedRef } from "../identity/names.js";
import { isSafeRefName, type Head } from "./refs.js";

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

/** The host ref an agent's local branch arrives at: its own `agent/<name>/*` as they are, any other below that. */
export function hostRefFor(agent: AgentRef, ref: string): string | undefined {
  const prefix = agentRefPrefix(agent);
  const target = ref.startsWith(prefix) ? ref : `${prefix}${ref.slice(HEADS.length)}`;
  return isSafeRefName(target) ? target : undefined;
}

/** Compares as text; an empty list of updates means there is nothing to do but perhaps to move HEAD. */
export function planSync(agent: AgentRef, refs: AgentRefs, host: HostRefs): SyncPlan {
  const updates: RefUpdate[] = [];
  const add = (from: string, to: string | undefined, oid: string) => {
    if (to === undefined || updates.some((update) => update.to === to)) return;
    const hostOid = host.get(to);
    if (hostOid !== oid) updates.push({ from, to, oid, hostOid });
  };
  const own = [...refs.heads].filter(([ref]) => ref.startsWith(agentRefPrefix(agent)));
  const other = [...refs.heads].filter(([ref]) => !ref.startsWith(agentRefPrefix(agent)));
  for (const [ref, oid] of [...own, ...other]) add(ref, hostRefFor(agent, ref), oid);
  if (refs.head.kind === "detached") {
    add("HEAD", detachedRef(agent), refs.head.oid);
    return { updates, head: refs.head.oid };
  }
  return { updates, head: hostRefFor(agent, refs.head.ref) ?? refs.head.ref };
}
