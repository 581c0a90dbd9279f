import { inputError } from "./check-draft.js";
import type { ImportedTask } from "./imported.js";
import { TASK_LIMITS } from "./task-limits.js";
import { TASK_PRIORITIES } from "./task.js";

type Issue = Readonly<Record<string, unknown>>;

const HINT = "for example: gh issue list --json number,title,body,labels | devkit task import -";

/** Whether a JSON list is what `gh issue list --json` prints: everything in it has a number. */
export function isIssueList(list: readonly Issue[]): boolean {
  return list.length > 0 && list.every(({ number }) => number !== undefined);
}

/**
 * Issues as `gh issue list --json number,title,body,labels` prints them; `state` too, where it is there. A label such
 * as `p0` is the priority, all others are topics. The text is cut and cleaned rather than refused: nobody who imports
 * can change it.
 */
export function readIssues(list: readonly Issue[]): ImportedTask[] {
  const numbers = new Set<unknown>();
  return list.map((issue, index) => {
    const place = `issue ${String(index + 1)} of the list`;
    const { number, title, body, state } = issue;
    if (!Number.isSafeInteger(number) || Number(number) < 1 || numbers.has(number))
      throw inputError(`${place}: its number must be one of its own`, HINT);
    numbers.add(number);
    if (typeof title !== "string") throw inputError(`${place} has no title`, HINT);
    const labels = labelsOf(issue);
    const description = typeof body === "string" ? cleanText(body) : "";
    return {
      draft: {
        title: clean(title, TASK_LIMITS.title),
        description: description === "" ? undefined : description,
        status: String(state).toUpperCase() === "CLOSED" ? "done" : "pending",
        priority: TASK_PRIORITIES.find((priority) => labels.some((label) => isPriority(label, priority))),
        topics: topicsOf(labels),
        source: `issue:${String(number)}`,
      },
      after: [],
      place,
    };
  });
}

function labelsOf({ labels }: Issue): string[] {
  if (!Array.isArray(labels)) return [];
  return labels.flatMap((label: unknown) => {
    const name: unknown = typeof label === "object" && label !== null && "name" in label ? label.name : label;
    return typeof name === "string" ? [name.toLowerCase()] : [];
  });
}

function isPriority(label: string, priority: string): boolean {
  return new RegExp(`^(?:priority ?[:/-]? ?)?${priority}$`).test(label);
}

function topicsOf(labels: readonly string[]): string[] {
  const others = labels.filter((label) => !TASK_PRIORITIES.some((one) => isPriority(label, one)));
  const names = others.map((label) =>
    label
      .replaceAll(/[^a-z0-9._-]+/g, "-")
      .replaceAll(/^[^a-z0-9]+|-+$/g, "")
      .slice(0, 64),
  );
  return [...new Set(names.filter((name) => name !== ""))].slice(0, TASK_LIMITS.list);
}

function clean(text: string, limit: number): string {
  return cut(text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim(), limit);
}

function cleanText(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").replaceAll(/(?![\n\t])\p{Cc}/gu, "");
  return cut(lines.trim(), TASK_LIMITS.text);
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
