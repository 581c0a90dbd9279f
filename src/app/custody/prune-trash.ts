import { toDevkitError, type DevkitError } from "../../base/errors.js";
import { expiryOf, isExpired, parseTrashId } from "../../domain/custody/trash.js";
import type { ProjectDeps } from "../ports.js";
import { discardEntry } from "./discard-entry.js";
import { expireTrash } from "./expire-trash.js";

export interface PruneTrashRequest {
  /** Also what can still be restored. */
  readonly all: boolean;
  readonly apply: boolean;
  readonly now: Date;
}

/** Something in the trash that may go. */
export interface PrunedTrash {
  readonly id: string;
  readonly bytes: number;
  /** Completes "it …". */
  readonly reason: string;
  readonly removed: boolean;
  readonly error: DevkitError | undefined;
}

type Needs = Pick<
  ProjectDeps,
  "project" | "state" | "history" | "refs" | "trash" | "homeSwaps" | "progress" | "locks" | "worktrees"
>;

/** What in the trash may go, and with `apply` removes it for good. */
export async function pruneTrash(deps: Needs, request: PruneTrashRequest): Promise<PrunedTrash[]> {
  if (!request.apply) return findPrunable(deps, request);
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    const found = await findPrunable(deps, request);
    await expireTrash(deps, request.now, { isAsked: true });
    const errors = new Map<string, DevkitError>();
    for (const { id } of found.filter((one) => !isOver(one.id, request.now))) {
      const name = parseTrashId(id)?.agent.name ?? "";
      await discardEntry(deps, { id, agent: { name } }).catch((error: unknown) => {
        errors.set(id, toDevkitError(error));
      });
    }
    const left = new Set(await deps.trash.ids());
    return found.map((one) => ({ ...one, removed: !left.has(one.id), error: errors.get(one.id) }));
  });
}

async function findPrunable(
  { trash, homeSwaps, project }: Needs,
  { all, now }: PruneTrashRequest,
): Promise<PrunedTrash[]> {
  const [items, ids, swaps] = await Promise.all([trash.list(), trash.ids(), homeSwaps.pending(project)]);
  // What was cut off half-way is finished by the next command that needs it.
  const pending = new Set([
    ...items.filter(({ stage }) => stage !== "kept").map(({ entry }) => entry.id),
    ...swaps.flatMap(({ id, next }) => ("trash" in next ? [id, next.trash] : [id])),
  ]);
  const works = new Map(items.map(({ entry }) => [entry.id, entry.work]));
  const may = ids.filter((id) => !pending.has(id) && (all || isOver(id, now)));
  return Promise.all(
    may.map(async (id) => ({
      ...{ id, bytes: await trash.size(id), removed: false, error: undefined },
      reason: reasonFor(id, works.get(id) ?? [], now),
    })),
  );
}

function reasonFor(id: string, work: readonly string[], now: Date): string {
  const time = parseTrashId(id)?.time;
  if (time === undefined || isOver(id, now)) return "has been there for its time";
  const until = expiryOf(time).toISOString().slice(0, 10);
  const had = work.length === 0 ? "" : `; it has ${work.join(", ")}`;
  return `would be kept until ${until}${had}`;
}

function isOver(id: string, now: Date): boolean {
  const time = parseTrashId(id)?.time;
  return time !== undefined && isExpired(time, now);
}
