import { isAgentName } from "../agents/agent-name.js";
import type { AgentRef } from "../agents/agent.js";
import { agentRefPrefix, baseRef, detachedRef } from "../identity/names.js";

/** One ref that changes, together with others or not at all. */
export interface RefChange {
  readonly ref: string;
  /** Where it must still be; undefined: wherever it is. */
  readonly from?: string | undefined;
  /** Undefined: it goes. */
  readonly to: string | undefined;
}

/** What is known of an agent in the trash; its files, home and refs have names made from `id`. */
export interface TrashEntry {
  /** `agent-2-20260102T030405Z`. */
  readonly id: string;
  readonly agent: AgentRef;
  /** The short branch the host's worktree was on; undefined when detached or not registered. */
  readonly branch: string | undefined;
  /** The commit it was on; undefined when it was not registered. */
  readonly commit: string | undefined;
  /** Whether the worktree's files are kept, because some of them are nowhere else. */
  readonly keepsFiles: boolean;
  /** What stands in the worktree's place is somebody else's, and stays there. */
  readonly leavesFiles?: boolean;
  /** It had no container: its files are checked out as the user's own. */
  readonly onHost?: boolean;
  /** It was there for a while only, or was never whole: unless it had work, nothing of it need be kept. */
  readonly forAWhile?: boolean;
  /** What it had that was nowhere else, in words. */
  readonly work: readonly string[];
}

/** Removing and restoring are under way: the process that did it was killed, and the next command finishes it. */
export type TrashStage = "removing" | "kept" | "restoring";

export interface TrashItem {
  readonly entry: TrashEntry;
  readonly stage: TrashStage;
  /** Whether home and private git dir are in the trash, or still (or again) in the agent's own place. */
  readonly inTrash: boolean;
}

type Named = Pick<AgentRef, "name">;

export const KEEP_DAYS = 30;
const KEEP_MS = KEEP_DAYS * 24 * 60 * 60 * 1000;
const STAMP = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
const ROOT = "refs/devkit/trash/";

/** A time as names of files and refs can hold it, to the second: `20260102T030405Z`. */
export function toStamp(time: Date): string {
  return time
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(/[-:]/g, "");
}

export function parseStamp(stamp: string): Date | undefined {
  const match = STAMP.exec(stamp);
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = ""] = match;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

export interface TrashName {
  readonly agent: Named;
  readonly stamp: string;
  readonly time: Date;
}

/** Reads an id; undefined for any other name. */
export function parseTrashId(id: string): TrashName | undefined {
  const at = id.lastIndexOf("-");
  const name = id.slice(0, at);
  const stamp = id.slice(at + 1);
  const time = parseStamp(stamp);
  return time === undefined || !isAgentName(name) ? undefined : { agent: { name }, stamp, time };
}

/** The first time from `now` on at which nothing of this agent was put into the trash yet. */
export function freeStamp(now: Date, taken: (stamp: string) => boolean): string {
  let time = now;
  while (taken(toStamp(time))) time = new Date(time.getTime() + 1000);
  return toStamp(time);
}

export function trashId(agent: AgentRef, stamp: string): string {
  return `${agent.name}-${stamp}`;
}

export function expiryOf(time: Date): Date {
  return new Date(time.getTime() + KEEP_MS);
}

export function isExpired(time: Date, now: Date): boolean {
  return expiryOf(time) <= now;
}

/** Below this everything an agent's removal or reset leaves is kept. */
export function trashRefPrefix(agent: Named, stamp: string): string {
  return `${ROOT}${agent.name}/${stamp}/`;
}

/** Where what a ref named is kept for a while after the ref has gone elsewhere. */
export function replacedRef(agent: AgentRef, stamp: string, ref: string, oid: string): string {
  const branch = ref
    .replace(/^refs\/heads\/agent\/[^/]+\//, "")
    .replace(/^refs\/devkit\/(detached)\/.*/, "$1");
  // Two within a second must not take each other's place.
  return `${trashRefPrefix(agent, stamp)}${branch}-${oid.slice(0, 12)}`;
}

/** Every ref in the trash, of all agents. */
export const TRASH_REFS = ROOT.slice(0, -1);

/** Where a host ref of the agent's is kept; undefined for a ref that is not one. */
export function toTrashRef(agent: AgentRef, stamp: string, ref: string): string | undefined {
  const prefix = trashRefPrefix(agent, stamp);
  if (ref === baseRef(agent)) return `${prefix}base`;
  if (ref === detachedRef(agent)) return `${prefix}detached`;
  const own = agentRefPrefix(agent);
  return ref.startsWith(own) ? `${prefix}heads/${ref.slice(own.length)}` : undefined;
}

/** The other way round; undefined for what is kept only to be looked at. */
export function fromTrashRef(agent: AgentRef, stamp: string, ref: string): string | undefined {
  const prefix = trashRefPrefix(agent, stamp);
  if (!ref.startsWith(prefix)) return undefined;
  const rest = ref.slice(prefix.length);
  if (rest === "base") return baseRef(agent);
  if (rest === "detached") return detachedRef(agent);
  return rest.startsWith("heads/") ? `${agentRefPrefix(agent)}${rest.slice("heads/".length)}` : undefined;
}

/** All host refs that are the agent's own: the patterns to list them by. */
export function agentRefPatterns(agent: AgentRef): string[] {
  return [agentRefPrefix(agent).slice(0, -1), baseRef(agent), detachedRef(agent)];
}

/**
 * Moves all of an agent's refs into the trash. `inUse`: branches another worktree is on, which are copied and stay.
 */
export function planTrashRefs(
  { agent, id, commit }: TrashEntry,
  refs: ReadonlyMap<string, string>,
  inUse: ReadonlySet<string>,
): RefChange[] {
  const { stamp = "" } = parseTrashId(id) ?? {};
  const worktree = `${trashRefPrefix(agent, stamp)}worktree`;
  const head: RefChange[] = commit === undefined ? [] : [{ ref: worktree, to: commit }];
  const moves = [...refs].flatMap(([ref, oid]): RefChange[] => {
    const to = toTrashRef(agent, stamp, ref);
    if (to === undefined) return [];
    const copy: RefChange = { ref: to, to: oid };
    return inUse.has(ref) ? [copy] : [copy, { ref, from: oid, to: undefined }];
  });
  return [...head, ...moves];
}

/** Makes an agent's refs again from those in the trash, which stay until everything else is back. */
export function planRestoredRefs(
  { agent, id }: TrashEntry,
  trash: ReadonlyMap<string, string>,
  current: ReadonlyMap<string, string>,
): { readonly changes: RefChange[]; readonly taken: string[] } {
  const { stamp = "" } = parseTrashId(id) ?? {};
  const changes: RefChange[] = [];
  const taken: string[] = [];
  for (const [ref, oid] of trash) {
    const to = fromTrashRef(agent, stamp, ref);
    if (to === undefined || current.get(to) === oid) continue;
    if (current.has(to)) taken.push(to);
    else changes.push({ ref: to, to: oid });
  }
  return { changes, taken };
}
