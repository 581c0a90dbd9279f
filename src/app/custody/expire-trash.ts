import { isExpired, KEEP_DAYS, parseStamp, parseTrashId, TRASH_REFS } from "../../domain/custody/trash.js";
import type { ProjectDeps } from "../ports.js";

/** What one run removes at most: nobody waits long for what others left. */
const MOST = 10;

/** Removes for good what has been in the trash too long: directories and refs, each by the time in its name. */
export async function expireTrash(
  deps: Pick<ProjectDeps, "refs" | "trash" | "progress">,
  now: Date,
): Promise<void> {
  const busy = new Set(
    (await deps.trash.list()).filter(({ stage }) => stage !== "kept").map(({ entry }) => entry.id),
  );
  const isOver = (time: Date | undefined) => time !== undefined && isExpired(time, now);
  const ids = (await deps.trash.ids()).filter((id) => !busy.has(id) && isOver(parseTrashId(id)?.time));
  for (const id of ids.slice(0, MOST)) {
    const step = deps.progress.step(
      undefined,
      `removing ${id} for good: older than ${String(KEEP_DAYS)} days`,
    );
    await deps.trash.remove(id);
    step.done();
  }
  const left = new Set([...ids.slice(MOST), ...busy]);
  const old = [...(await deps.refs.list(TRASH_REFS))].filter(([ref]) => {
    const [agent = "", stamp = ""] = ref.slice(TRASH_REFS.length + 1).split("/");
    return isOver(parseStamp(stamp)) && !left.has(`${agent}-${stamp}`);
  });
  await deps.refs.change(old.map(([ref, from]) => ({ ref, from, to: undefined })));
}
