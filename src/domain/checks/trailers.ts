import { withoutControls } from "../../base/controls.js";
import { isTaskId } from "../tasks/task-id.js";
import type { Verification } from "./judge.js";
import { cleanMessage, isCheckId } from "./local-files.js";

export const VERIFY_TRAILER = "Devkit-Verify";
const TASK_TRAILER = "Devkit-Task";

/** What a commit is to the task it was made for. */
export const TASK_ACTIONS = ["continue", "done", "skip"] as const;
export type TaskAction = (typeof TASK_ACTIONS)[number];

/** The words and letters of DEVKIT_TASK_ACTION; undefined for anything else. */
export function parseTaskAction(text: string): TaskAction | undefined {
  return TASK_ACTIONS.find((action) => text === action || (text !== "" && text === action[0]));
}

/** A line to be added to a commit's message, or to take the place of the last one with its key. */
export interface Trailer {
  readonly line: string;
  readonly replaces: boolean;
}

export interface WantedTrailers {
  readonly staged: readonly Verification[];
  /** What is worked on, unless the commit has nothing to do with it. */
  readonly task: { readonly id: string; readonly title: string; readonly isDone: boolean } | undefined;
}

/** The trailers that a message does not have yet; `existing`: its trailers, a line each. */
export function missingTrailers(existing: readonly string[], { staged, task }: WantedTrailers): Trailer[] {
  const verified = staged.map(({ checkId, message, verifiedBy }) =>
    toTrailer(VERIFY_TRAILER, [checkId, message, verifiedBy]),
  );
  const missing = [...new Set(verified)].filter((line) => !existing.includes(line));
  return [...missing.map((line) => ({ line, replaces: false })), ...taskTrailer(existing, task)];
}

/** A commit that is amended has its task already; one that was partial can become the one that ends it. */
function taskTrailer(existing: readonly string[], task: WantedTrailers["task"]): Trailer[] {
  if (task === undefined) return [];
  const own = existing.filter((line) => line.startsWith(`${TASK_TRAILER}: `));
  const same = own.filter((line) => line.startsWith(`${TASK_TRAILER}: ${task.id} |`));
  const isEnded = same.some((line) => line.startsWith(`${TASK_TRAILER}: ${task.id} | done |`));
  if (isEnded || (same.length > 0 && !task.isDone)) return [];
  const line = toTrailer(TASK_TRAILER, [task.id, task.isDone ? "done" : "partial", task.title]);
  return [{ line, replaces: own.length === 1 && same.length === 1 }];
}

/** The verification that the value of a trailer says; undefined for what says none. */
export function parseVerifyTrailer(value: string): Verification | undefined {
  const parts = value.split(" | ");
  const [checkId = "", verifiedBy = ""] = [parts[0]?.trim(), parts.at(-1)?.trim()];
  const message = cleanMessage(parts.slice(1, -1).join(" | "));
  if (parts.length < 3 || !isCheckId(checkId) || message === "") return undefined;
  return { checkId, message, verifiedBy: withoutControls(verifiedBy) };
}

/** The task that the trailers of a commit say it was made for, the last one. */
export function findTaskTrailer(trailers: readonly string[]): { id: string; isDone: boolean } | undefined {
  const found = trailers.map((line) => /^Devkit-Task: (\S+) \| (done|partial) \|/.exec(line));
  const last = found.findLast((match) => match !== null && isTaskId(match[1] ?? ""));
  return last ? { id: last[1] ?? "", isDone: last[2] === "done" } : undefined;
}

/** Text within a part may have a bar of its own; what would end the line, or the part, may not. */
function toTrailer(key: string, parts: readonly string[]): string {
  return `${key}: ${parts.map((part) => cleanMessage(part).replaceAll(" | ", " ¦ ")).join(" | ")}`;
}
