import { isTaskId } from "./task-id.js";
import { TASK_LIMITS } from "./task-limits.js";
import {
  TASK_PRIORITIES,
  TASK_STATUSES,
  type Claim,
  type Task,
  type TaskNote,
  type TaskPriority,
  type TaskStatus,
} from "./task.js";

export type ParsedTask =
  { readonly ok: true; readonly task: Task } | { readonly ok: false; readonly problem: string };

const KNOWN: ReadonlySet<string> = new Set([
  ...["title", "description", "status", "priority", "created_at", "started_at", "completed_at"],
  ...["notes", "blocked_by", "branch", "topics", "scope", "claimed_by", "claim", "claims", "source"],
]);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** Lenient: agents of later versions can have names of their own. */
const WHO = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** A task's file, which anybody may have written. Never throws. */
export function parseTask(id: string, text: string): ParsedTask {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: text.trim() === "" ? "is empty" : "is not whole JSON" };
  }
  if (!isRecord(value)) return { ok: false, problem: "is not one JSON object" };
  const problems: string[] = [];
  const task = readTask(id, { record: value, prefix: "", problems });
  if (!isShallow(task.rest, TASK_LIMITS.depth)) return { ok: false, problem: "is nested too deeply" };
  const [problem] = problems;
  return problem === undefined ? { ok: true, task } : { ok: false, problem };
}

function readTask(id: string, fields: Fields): Task {
  const claim = readClaim(fields);
  return {
    id,
    title: readText(fields, "title") ?? missing(fields, "title"),
    description: readText(fields, "description"),
    status: readOneOf(fields, "status", TASK_STATUSES) ?? (missing(fields, "status") as TaskStatus),
    priority: readOneOf(fields, "priority", TASK_PRIORITIES) ?? (missing(fields, "priority") as TaskPriority),
    createdAt: readTime(fields, "created_at") ?? missing(fields, "created_at"),
    startedAt: readTime(fields, "started_at"),
    completedAt: readTime(fields, "completed_at"),
    notes: readList(fields, "notes", toNote, "notes with at, by and text"),
    blockedBy: readList(fields, "blocked_by", toId, "ids of tasks"),
    branch: readText(fields, "branch"),
    topics: readList(fields, "topics", asText, "words"),
    scope: readList(fields, "scope", asText, "patterns"),
    claim,
    claims: Math.max(readNumber(fields, "claims") ?? 0, claim?.number ?? 0),
    source: readText(fields, "source"),
    rest: restOf(fields.record),
  };
}

const NOTHING = {};

function restOf(record: Document): Document {
  const unknown = Object.keys(record).filter((key) => !KNOWN.has(key));
  return unknown.length === 0 ? NOTHING : Object.fromEntries(unknown.map((key) => [key, record[key]]));
}

/** A file with `claimed_by` alone was written by hand: that claim does not end by itself. */
function readClaim(fields: Fields): Claim | undefined {
  const claimedBy = readText(fields, "claimed_by", isName);
  const value = fields.record["claim"] ?? undefined;
  if (value === undefined) {
    if (claimedBy === undefined) return undefined;
    const number = Math.max(readNumber(fields, "claims") ?? 0, 1);
    return { agent: claimedBy, number, expiresAt: undefined, host: undefined };
  }
  const inner: Fields = {
    record: isRecord(value) ? value : NOTHING,
    prefix: "claim.",
    problems: fields.problems,
  };
  return {
    agent: readText(inner, "agent", isName) ?? missing(inner, "agent"),
    number: readNumber(inner, "number") ?? Number(missing(inner, "number")),
    expiresAt: readTime(inner, "expires_at"),
    host: readText(inner, "host"),
  };
}

/** The file of a task: what is empty is left out. */
export function formatTask(task: Task): string {
  const { claim } = task;
  const known: Document = {
    ...{ title: task.title, description: task.description, status: task.status, priority: task.priority },
    ...{ created_at: task.createdAt, started_at: task.startedAt, completed_at: task.completedAt },
    ...{ notes: task.notes, blocked_by: task.blockedBy, branch: task.branch },
    ...{ topics: task.topics, scope: task.scope, claimed_by: claim?.agent },
    claim: claim && {
      ...{ agent: claim.agent, number: claim.number, expires_at: claim.expiresAt, host: claim.host },
    },
    claims: task.claims === 0 ? undefined : task.claims,
    source: task.source,
  };
  const filled = Object.entries(known).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  return `${JSON.stringify({ ...Object.fromEntries(filled), ...task.rest }, null, 2)}\n`;
}

type Document = Readonly<Record<string, unknown>>;

/** What is read of; functions beside it rather than in it, because there are thousands of files. */
interface Fields {
  readonly record: Document;
  /** Stands before keys in problems. */
  readonly prefix: string;
  readonly problems: string[];
}

function noteWrong({ prefix, problems }: Fields, key: string, what: string): void {
  problems.push(`has a wrong ${prefix}${key}: it must be ${what}`);
}

/** Notes that it has to be there; what it answers is never used. */
function missing({ prefix, problems }: Fields, key: string): string {
  problems.push(`has no ${prefix}${key}`);
  return "";
}

/** Undefined for what is not there or is empty. */
function valueOf({ record }: Fields, key: string): unknown {
  const value = record[key];
  return value === null || value === "" ? undefined : value;
}

function readText(fields: Fields, key: string, isOk: (text: string) => boolean = isAny): string | undefined {
  const value = valueOf(fields, key);
  if (value === undefined) return undefined;
  if (typeof value === "string" && isOk(value)) return value;
  noteWrong(fields, key, "text");
  return undefined;
}

function readTime(fields: Fields, key: string): string | undefined {
  const value = valueOf(fields, key);
  if (value === undefined) return undefined;
  if (typeof value === "string" && isTime(value)) return value;
  noteWrong(fields, key, "a time (RFC 3339)");
  return undefined;
}

function readNumber(fields: Fields, key: string): number | undefined {
  const value = valueOf(fields, key);
  if (value === undefined) return undefined;
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value);
  noteWrong(fields, key, "a number");
  return undefined;
}

function readOneOf<const T extends string>(fields: Fields, key: string, values: readonly T[]): T | undefined {
  const value = valueOf(fields, key);
  if (value === undefined) return undefined;
  const found = values.find((one) => one === value);
  if (found === undefined) noteWrong(fields, key, values.join(", "));
  return found;
}

function readList<T>(
  fields: Fields,
  key: string,
  read: (one: unknown) => T | undefined,
  what: string,
): readonly T[] {
  const value = valueOf(fields, key);
  if (value === undefined) return NONE;
  const found = Array.isArray(value) ? value.map((one: unknown) => read(one)) : [undefined];
  if (found.includes(undefined)) noteWrong(fields, key, `a list of ${what}`);
  return found.filter((one) => one !== undefined);
}

const NONE: readonly never[] = [];

function toNote(value: unknown): TaskNote | undefined {
  if (!isRecord(value)) return undefined;
  const [at, by, text] = [asText(value["at"]), asText(value["by"]), asText(value["text"])];
  if (at === undefined || !isTime(at) || by === undefined || text === undefined) return undefined;
  return { at, by, text };
}

function toId(value: unknown): string | undefined {
  return typeof value === "string" && isTaskId(value) ? value : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isAny(): boolean {
  return true;
}

function isTime(text: string): boolean {
  return TIME.test(text) && !Number.isNaN(Date.parse(text));
}

function isName(text: string): boolean {
  return WHO.test(text);
}

function isRecord(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is nested deeper than this could not be written again. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}
