import { toDevkitError, type DevkitError } from "../../base/errors.js";
import { countOf } from "../../base/plural.js";
import { agentPaths } from "../../domain/identity/project.js";
import { sumSizes, type DiskSize } from "../../domain/limits/agent-usage.js";
import { pruneCaches, type PrunedCaches } from "../caches/prune-caches.js";
import { pruneTrash } from "../custody/prune-trash.js";
import { pruneLogs } from "../egress/prune-logs.js";
import { pruneImages } from "../images/prune-images.js";
import type { ImagesRequest } from "../images/list-images.js";
import type { ProjectDeps } from "../ports.js";
import type { WorktreeCare } from "../ports-worktrees.js";
import { pruneWorktrees, type PruneRequest } from "../worktrees/prune.js";
import type { ReclaimKind } from "./reclaim-kinds.js";

/** Something that nobody needs any more. */
export interface Reclaimable {
  readonly kind: ReclaimKind;
  readonly what: string;
  /** Undefined: nobody has counted. */
  readonly size: DiskSize | undefined;
  readonly reason: string;
  readonly removed: boolean;
  readonly error: DevkitError | undefined;
}

export interface ReclaimRequest extends ImagesRequest, Pick<PruneRequest, "base" | "prefix"> {
  readonly kinds: readonly ReclaimKind[];
  readonly apply: boolean;
  /** Also what is in the trash and can still be restored. */
  readonly trash: boolean;
  /** How long caches are counted at most. */
  readonly patienceMs: number;
  readonly now: Date;
}

export interface Reclaimed {
  readonly items: readonly Reclaimable[];
  /** What could not be looked at, or not be gone through to its end. */
  readonly problems: readonly { readonly kind: ReclaimKind; readonly error: DevkitError }[];
}

export type ReclaimDeps = ProjectDeps & { readonly care: WorktreeCare };

/** How long a tool's cache is not used until it may go. */
const CACHE_AGE_MS = 30 * 86_400_000;

/**
 * Everything that takes room and that nobody needs, as the commands for each kind judge it, and with `apply` removes it. What
 * one of them cannot do keeps no other from it.
 */
export async function pruneAll(deps: ReclaimDeps, request: ReclaimRequest): Promise<Reclaimed> {
  const parts: readonly (readonly [ReclaimKind, () => Promise<Reclaimable[]>])[] = [
    ["trash", () => ofTrash(deps, request)],
    ["worktree", () => ofWorktrees(deps, request)],
    ["image", () => ofImages(deps, request)],
    ["cache", () => ofCaches(deps, request)],
    ["log", () => ofLogs(deps, request)],
  ];
  const items: Reclaimable[] = [];
  const problems: { kind: ReclaimKind; error: DevkitError }[] = [];
  for (const [kind, prune] of parts.filter(([one]) => request.kinds.includes(one))) {
    request.signal.throwIfAborted();
    try {
      items.push(...(await prune()));
    } catch (thrown) {
      const error = toDevkitError(thrown);
      if (error.code === "E_BUG") throw thrown;
      problems.push({ kind, error });
    }
  }
  request.signal.throwIfAborted();
  return { items, problems };
}

/** All of it together; images count what they share for each. */
export function sizeOf(items: readonly Pick<Reclaimable, "size">[]): DiskSize {
  const isComplete = items.every(({ size }) => size !== undefined);
  const sum = sumSizes(items.map(({ size }) => size));
  return { bytes: sum.bytes, isComplete: isComplete && sum.isComplete };
}

async function ofTrash(deps: ReclaimDeps, { apply, now, trash }: ReclaimRequest): Promise<Reclaimable[]> {
  const found = await pruneTrash(deps, { apply, now, all: trash });
  return found.map(({ id, bytes, reason, removed, error }) => ({
    ...{ kind: "trash", what: id, size: { bytes, isComplete: true }, reason, removed, error },
  }));
}

async function ofWorktrees(deps: ReclaimDeps, request: ReclaimRequest): Promise<Reclaimable[]> {
  // Their size is that of before.
  const judged = (await pruneWorktrees(deps, { ...request, apply: false })).filter(
    ({ removable }) => removable,
  );
  const deadline = performance.now() + request.patienceMs;
  const sizes = await Promise.all(
    judged.map(({ agent }) => deps.homeCare.measureAll(agentPaths(deps.project, agent), deadline)),
  );
  const sizeOfEach = new Map(judged.map(({ path }, position) => [path, sizes[position]?.worktree]));
  const pruned = request.apply && judged.length > 0 ? await pruneWorktrees(deps, request) : judged;
  return pruned
    .filter(({ path, removed, error }) => sizeOfEach.has(path) && (!request.apply || removed || error))
    .map(({ agent, path, reasons, removed, error }) => ({
      ...{ kind: "worktree", what: agent.name, size: sizeOfEach.get(path), removed, error },
      reason: reasons.map(({ text }) => text).join("; "),
    }));
}

async function ofImages(deps: ReclaimDeps, request: ReclaimRequest): Promise<Reclaimable[]> {
  const found = (await pruneImages(deps, { ...request, named: [] })).filter(({ removable }) => removable);
  return found.map(({ image, reason, removed }) => ({
    ...{ kind: "image", what: image.references[0] ?? image.id.replace("sha256:", "").slice(0, 12) },
    ...{ size: { bytes: image.sizeBytes, isComplete: true }, reason, removed, error: undefined },
  }));
}

async function ofCaches(deps: ReclaimDeps, request: ReclaimRequest): Promise<Reclaimable[]> {
  const { apply, now, patienceMs } = request;
  const asked = { tools: undefined, olderThanMs: CACHE_AGE_MS, apply, now, patienceMs };
  const { caches, strays, oldBases }: PrunedCaches = await pruneCaches(deps, asked);
  const items = caches
    .filter(({ removable }) => removable)
    .map(({ tool, place, agent, size, reason, removed }): Reclaimable => {
      const what = `${tool} (${agent === undefined ? place : `own of ${agent.name}`})`;
      return { kind: "cache", what, size, reason, removed, error: undefined };
    });
  const others: readonly (readonly [string, string, boolean])[] = [
    ...(strays.count > 0
      ? [[countOf(strays.count, "other entry among the shared"), "no caches", strays.removed] as const]
      : []),
    ...(oldBases.removable
      ? [[countOf(oldBases.count, "older base"), "newer ones have replaced them", oldBases.removed] as const]
      : []),
  ];
  const rest = others.map(([what, reason, removed]): Reclaimable => ({
    ...{ kind: "cache", what, size: undefined, reason, removed, error: undefined },
  }));
  return [...items, ...rest];
}

async function ofLogs(deps: ReclaimDeps, { apply, now }: ReclaimRequest): Promise<Reclaimable[]> {
  const found = await pruneLogs(deps, { apply, now });
  return found.map(({ owner, bytes, removed }) => ({
    ...{ kind: "log", what: owner, size: { bytes, isComplete: true }, removed, error: undefined },
    reason: "the agent has long been gone",
  }));
}
