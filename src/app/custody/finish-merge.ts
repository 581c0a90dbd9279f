import { isDevkitError } from "../../base/errors.js";
import type { MergeJournal } from "../../domain/custody/merge.js";
import { showPaths, type RawPath } from "../../domain/custody/raw-path.js";
import type { MergeDeps } from "../ports-merging.js";

/** Ends a merge that was cut off while files were written. Only for who holds the lock "merge". */
export async function finishInterruptedMerge(deps: MergeDeps): Promise<void> {
  const journal = await deps.landing.readJournal();
  if (journal === undefined) {
    // One that was killed in its last step has left what kept its commit.
    await deps.landing.removeJournal();
    return;
  }
  const { outcome, left } = await settle(deps, journal);
  await deps.landing.removeJournal();
  const what = `the merge of ${journal.agent} into ${shortOf(journal)} that was interrupted`;
  if (outcome === "finished") deps.progress.warn(`finished ${what}`);
  if (outcome === "moved") {
    if (left.length === 0) return;
    deps.progress.warn(`${what} had written ${showPaths(left)}, but ${journal.worktree} has moved on since`);
  } else warnAboutLeft(deps, left);
}

/** Commands that only look say so and leave it. */
export async function warnAboutInterruptedMerge(deps: MergeDeps): Promise<void> {
  const journal = await deps.landing.readJournal();
  if (journal === undefined) return;
  const index = journal.agent.replace(/^agent-/, "");
  deps.progress.warn(
    `a merge of ${journal.agent} into ${shortOf(journal)} is going on or was interrupted; to finish it: devkit agent merge ${index}`,
  );
}

export function warnAboutLeft(deps: MergeDeps, left: readonly RawPath[]): void {
  if (left.length > 0)
    deps.progress.warn(`changed by somebody else meanwhile and left as is: ${showPaths(left)}`);
}

/** Forward if that is possible, else back; either way no file is left in between. */
async function settle(deps: MergeDeps, journal: MergeJournal) {
  try {
    return await deps.landing.settle(journal, "finish");
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    const undone = await deps.landing.settle(journal, "undo");
    deps.progress.warn(`${journal.agent}'s interrupted merge could not be finished: ${error.message}`);
    return undone;
  }
}

function shortOf({ ref }: MergeJournal): string {
  return ref.replace(/^refs\/heads\//, "");
}
