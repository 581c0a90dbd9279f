import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { TASK_LIMITS } from "./task-limits.js";
import type { TaskDraft } from "./task.js";

/** Refuses text that a task cannot have. @throws DevkitError E_TASK_INPUT */
export function checkDraft({ title, description, topics = [], scope = [], blockedBy = [] }: TaskDraft): void {
  checkLine("the title", title, TASK_LIMITS.title);
  if (description !== undefined) checkText("the description", description);
  for (const [what, list] of Object.entries({ topics, scope, "blocked by": blockedBy })) {
    if (list.length > TASK_LIMITS.list)
      throw inputError(`${what}: ${String(list.length)} are too many; ${String(TASK_LIMITS.list)} will do`);
  }
  for (const topic of topics) checkTopic(topic);
  for (const pattern of scope) checkLine("a scope", pattern, TASK_LIMITS.entry);
}

/** Text of several lines. @throws DevkitError E_TASK_INPUT */
export function checkText(what: string, text: string): void {
  const hint = `write ${what} as text, of at most ${String(TASK_LIMITS.text)} characters`;
  if (text.trim() === "") throw inputError(`${what} is empty`, hint);
  requireLength(what, text, TASK_LIMITS.text, hint);
  if (/(?![\n\t])\p{Cc}/u.test(text)) throw inputError(`${what} has control characters in it`, hint);
}

/** E_TASK_INPUT. `message`: what is wrong, in words that are safe to show. */
export function inputError(message: string, hint = "see: devkit task add --help"): DevkitError {
  return new DevkitError("E_TASK_INPUT", message, { hint });
}

function checkTopic(topic: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(topic)) return;
  throw inputError(
    `${quoteText(topic.slice(0, 80))} is no topic: lower case, digits, dots, dashes, at most 64`,
  );
}

function checkLine(what: string, text: string, limit: number): void {
  if (text.trim() === "") throw inputError(`${what} is empty`);
  requireLength(what, text, limit);
  if (/[\p{Cc}\u2028\u2029]/u.test(text))
    throw inputError(`${what} has control characters or line ends in it`);
}

const SHORTER = "say it shorter; details go into --description or a note";

function requireLength(what: string, text: string, limit: number, hint = SHORTER): void {
  if (text.length <= limit) return;
  throw inputError(`${what} is too long: ${String(text.length)} characters, at most ${String(limit)}`, hint);
}
