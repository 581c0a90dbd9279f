import { quoteText } from "../../base/show-text.js";
import { inputError } from "./check-draft.js";
import { createTwins, requireFew, wordsKey, type ImportedTask } from "./imported.js";
import { readChecklist } from "./read-checklist.js";
import { isIssueList, readIssues } from "./read-issues.js";
import { isTaskId } from "./task-id.js";
import { TASK_PRIORITIES, type TaskPriority, type TaskStatus } from "./task.js";

/** What an entry of a JSON list may have. */
const KEYS: readonly string[] = [
  ...["id", "title", "description", "status", "priority", "blocked_by", "topics", "scope"],
];

const HINT = 'an entry is such as { "title": "Fix it", "priority": "p0" }; see docs/tasks.md';

/** Whatever was given to import: a JSON list, issues of `gh`, or a Markdown checklist. @throws DevkitError E_TASK_INPUT */
export function readTaskList(text: string): ImportedTask[] {
  // A checklist can begin with a link: only what is a list of objects is taken for JSON.
  if (!/^\s*(?:\[\s*[{\]]|\{)/.test(text)) {
    const found = readChecklist(text);
    if (found.length > 0) return found;
    throw inputError("there is no task in it", 'a task of a checklist is a line such as "- [ ] Fix it (p0)"');
  }
  const list = parseList(text);
  requireFew(list);
  return isIssueList(list) ? readIssues(list) : readEntries(list);
}

function parseList(text: string): readonly Readonly<Record<string, unknown>>[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : "";
    throw inputError(`it looks like JSON and is not whole: ${quoteText(said.slice(0, 120))}`, HINT);
  }
  if (!Array.isArray(value)) throw inputError("it is one JSON object, not a list of tasks", HINT);
  return value.map((entry: unknown, index) => {
    if (typeof entry === "object" && entry !== null && !Array.isArray(entry))
      return entry as Readonly<Record<string, unknown>>;
    throw inputError(`entry ${String(index + 1)} is no object`, HINT);
  });
}

type Entry = Readonly<Record<string, unknown>>;

function readEntries(list: readonly Entry[]): ImportedTask[] {
  const twins = createTwins();
  const ids = new Map(
    list.flatMap(({ id }, index) => (typeof id === "string" ? [[id, index] as const] : [])),
  );
  return list.map((entry, index) => {
    const place = `entry ${String(index + 1)}`;
    if (typeof entry["id"] === "string" && ids.get(entry["id"]) !== index)
      throw inputError(`${place} has the id of a later one: ${quoteText(entry["id"].slice(0, 60))}`, HINT);
    const read = createReader(entry, place);
    const title = read.text("title") ?? "";
    const id = read.text("id");
    const blockers = read.texts("blocked_by");
    const unknown = blockers.find((one) => !ids.has(one) && !isTaskId(one));
    if (unknown !== undefined)
      throw inputError(`${place}: ${quoteText(unknown)} is neither a task nor the id of another entry`, HINT);
    return {
      draft: {
        title,
        description: read.text("description"),
        status: read.oneOf<TaskStatus>("status", ["backlog", "pending", "done"]),
        priority: read.oneOf<TaskPriority>("priority", TASK_PRIORITIES),
        topics: read.texts("topics"),
        scope: read.texts("scope"),
        blockedBy: blockers.filter((one) => !ids.has(one)),
        source: id === undefined ? wordsKey("json", [title], twins([title])) : wordsKey("json-id", [id], 0),
      },
      after: blockers.flatMap((one) => ids.get(one) ?? []),
      place,
    };
  });
}

function createReader(entry: Entry, place: string) {
  const wrong = (key: string, what: string) => inputError(`${place}: ${key} must be ${what}`, HINT);
  const stray = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (stray !== undefined)
    throw inputError(`${place} has ${quoteText(stray.slice(0, 60))}; it can have: ${KEYS.join(", ")}`, HINT);
  const text = (key: string): string | undefined => {
    const value = entry[key] ?? undefined;
    if (value === undefined || typeof value === "string") return value === "" ? undefined : value;
    throw wrong(key, "text");
  };
  return {
    text,
    texts(key: string): string[] {
      const value = entry[key] ?? [];
      if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
      throw wrong(key, "a list of text");
    },
    oneOf<T extends string>(key: string, values: readonly T[]): T | undefined {
      const value = text(key);
      const found = values.find((one) => one === value);
      if (value !== undefined && found === undefined) throw wrong(key, `one of ${values.join(", ")}`);
      return found;
    },
  };
}
