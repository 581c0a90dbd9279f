import { toDevkitError } from "../../base/errors.js";
import { isExpired, KEEP_DAYS, parseStamp, parseTrashId, TRASH_REFS } from "../../domain/custody/trash.js";
import type { ProjectDeps } from "../ports.js";
import { expireLent } from "./expire-lent.js";

type Needs = Pick<ProjectDeps, "project" | "state" | "history" | "refs" | "trash" | "progress">;

/** What is removed at most by who was asked for something else: nobody waits long for what others left. */
const MOST = 10;

/** Longer than a clock that jumped takes to be noticed. */
const APART_MS = 24 * 60 * 60 * 1000;

/**
 * Removes for good what has been in the trash too long, and had been already at an earlier look, a day or more before: a
 * clock that is wrong for a while empties no trash. Directories and refs, each by the time in its name; and what was
 * lent to agents that are gone. Whoever makes or removes agents calls it, holding the agents' lock; what cannot be
 * removed now is left to the next, because nobody asked for it. `isAsked`: somebody did, who has seen what goes.
 */
export async function expireTrash(deps: Needs, now: Date, { isAsked = false } = {}): Promise<void> {
  try {
    const sure = isAsked ? now : await findSureTime(deps, now);
    if (sure !== undefined) await expireAt(deps, sure, isAsked ? Number.POSITIVE_INFINITY : MOST);
    await expireLent(deps);
  } catch (error) {
    const known = toDevkitError(error);
    if (known.code === "E_BUG") throw error;
    deps.progress.warn(`the trash could not be cleared of what is too old: ${known.message}`);
  }
}

/** The time of the earlier look, by which everything is judged; undefined when there is none that this clock agrees with. */
async function findSureTime({ trash }: Needs, now: Date): Promise<Date | undefined> {
  const last = await trash.lastLook();
  const apartMs = last === undefined ? undefined : now.getTime() - last.getTime();
  if (apartMs !== undefined && apartMs >= 0 && apartMs < APART_MS) return undefined;
  await trash.noteLook(now);
  return apartMs !== undefined && apartMs >= 0 ? last : undefined;
}

async function expireAt(deps: Needs, now: Date, most: number): Promise<void> {
  const left = await expireEntries(deps, now, most);
  const places = [deps.refs, ...(await deps.history.modules()).map(({ refs }) => refs)];
  for (const refs of places) {
    const old = [...(await refs.list(TRASH_REFS))].filter(([ref]) => {
      const [agent = "", stamp = ""] = ref.slice(TRASH_REFS.length + 1).split("/");
      return isOver(parseStamp(stamp), now) && !left.has(`${agent}-${stamp}`);
    });
    await refs.change(old.map(([ref, from]) => ({ ref, from, to: undefined })));
  }
}

const isOver = (time: Date | undefined, now: Date) => time !== undefined && isExpired(time, now);

/** Answers the ids of what stays although its time is over, or may be needed. */
async function expireEntries({ trash, progress }: Needs, now: Date, most: number): Promise<Set<string>> {
  const pending = (await trash.list()).filter(({ stage }) => stage !== "kept");
  const left = new Set(pending.map(({ entry }) => entry.id));
  const ids = (await trash.ids()).filter((id) => !left.has(id) && isOver(parseTrashId(id)?.time, now));
  for (const id of ids.slice(most)) left.add(id);
  for (const id of ids.slice(0, most)) {
    const step = progress.step(undefined, `removing ${id} for good: older than ${String(KEEP_DAYS)} days`);
    await trash.remove(id).then(
      () => {
        step.done();
      },
      (error: unknown) => {
        step.fail(toDevkitError(error).message);
        left.add(id);
      },
    );
  }
  return left;
}
