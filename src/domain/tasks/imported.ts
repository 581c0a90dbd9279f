import { createHash } from "node:crypto";
import { inputError } from "./check-draft.js";
import { TASK_LIMITS } from "./task-limits.js";
import type { TaskDraft } from "./task.js";

/** A task of a list that is imported. */
export interface ImportedTask {
  /** `source` says what it is in its list, whatever else changes there. */
  readonly draft: TaskDraft & { readonly source: string };
  /** Others of the list that have to be done before, by their place in it. */
  readonly after: readonly number[];
  /** Where in the list it is, for messages: `line 3`. */
  readonly place: string;
}

/** @throws DevkitError E_TASK_INPUT */
export function requireFew(list: readonly unknown[]): void {
  if (list.length <= TASK_LIMITS.imported) return;
  const most = String(TASK_LIMITS.imported);
  throw inputError(`${String(list.length)} tasks at once are too many`, `import at most ${most} at once`);
}

/** The key of something that has only its words to be known by. `twin`: how many like it were before it. */
export function wordsKey(kind: string, words: readonly string[], twin: number): string {
  const text = JSON.stringify([...words, ...(twin === 0 ? [] : [twin])]);
  return `${kind}:${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

/** Counts how often the same words came before. */
export function createTwins(): (words: readonly string[]) => number {
  const seen = new Map<string, number>();
  return (words) => {
    const key = JSON.stringify(words);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before;
  };
}
