import { showText } from "../../base/show-text.js";
import type { Task } from "../../domain/tasks/task.js";
import { safeLines } from "../safe-lines.js";
import { formatTable } from "./table.js";

/** A task, and which of those it waits for are not done. */
export interface TaskRow {
  readonly task: Task;
  readonly waitsFor: readonly string[];
}

/** A task as JSON: the fields of its file, all of them always there. */
export function taskData({ task, waitsFor }: TaskRow) {
  const { claim } = task;
  return {
    id: task.id,
    title: task.title,
    description: task.description ?? null,
    status: task.status,
    priority: task.priority,
    created_at: task.createdAt,
    started_at: task.startedAt ?? null,
    completed_at: task.completedAt ?? null,
    notes: task.notes,
    blocked_by: task.blockedBy,
    waits_for: waitsFor,
    branch: task.branch ?? null,
    topics: task.topics,
    scope: task.scope,
    claimed_by: claim?.agent ?? null,
    claim:
      claim === undefined
        ? null
        : { number: claim.number, expires_at: claim.expiresAt ?? null, host: claim.host ?? null },
    source: task.source ?? null,
  };
}

/** The shape of `taskData`, for the documentation of commands. */
export const TASK_JSON =
  '{ id, title, description: string|null, status: "backlog"|"pending"|"in_progress"|"done", priority: "p0"…"p3", created_at, started_at: RFC 3339|null, completed_at: RFC 3339|null, notes: [{ at, by, text }], blocked_by: [id], waits_for: [id], branch: string|null, topics, scope, claimed_by: agent|"main"|null, claim: { number, expires_at: RFC 3339|null, host: string|null }|null, source: string|null }';

/** `current`: the id of the task that the asker works on. */
export function taskTable(rows: readonly TaskRow[], current: string | undefined): string {
  const cells = rows.map(({ task, waitsFor }) => [
    iconOf({ task, waitsFor }, current),
    task.id,
    task.priority,
    statusText({ task, waitsFor }),
    task.claim?.agent ?? "-",
    showText(task.title),
  ]);
  return formatTable(["", "TASK", "PRIO", "STATUS", "AGENT", "TITLE"], cells);
}

function iconOf({ task, waitsFor }: TaskRow, current: string | undefined): string {
  if (task.id === current) return ">";
  if (task.status === "done") return "✓";
  if (task.status === "in_progress") return "●";
  if (task.status === "backlog") return "·";
  return waitsFor.length > 0 ? "⊘" : "○";
}

function statusText({ task, waitsFor }: TaskRow): string {
  return task.status === "pending" && waitsFor.length > 0 ? "blocked" : task.status;
}

/** `TSK-1 - Fix it`. */
export function taskName({ id, title }: Task): string {
  return `${id} - ${showText(title)}`;
}

/** Everything of one task. */
export function taskText({ task, waitsFor }: TaskRow): string {
  const { claim } = task;
  const held = claim === undefined ? "" : `, ${claim.agent} (claim ${String(claim.number)}${untilOf(task)})`;
  const blockers = task.blockedBy.map((id) => (waitsFor.includes(id) ? id : `${id} (done)`));
  const fields: [string, string][] = [
    ["status", `${statusText({ task, waitsFor })}${held}`],
    ["priority", task.priority],
    ["blocked by", blockers.join(", ")],
    ["branch", task.branch ?? ""],
    ["topics", task.topics.join(", ")],
    ["scope", task.scope.join(", ")],
    ["source", task.source ?? ""],
    ["created", task.createdAt],
    ["started", task.startedAt ?? ""],
    ["done", task.completedAt ?? ""],
  ];
  const shown = fields.filter(([, value]) => value !== "");
  return [
    taskName(task),
    ...shown.map(([name, value]) => `  ${`${name}:`.padEnd(12)}${showText(value)}`),
    ...(task.description === undefined ? [] : ["", indent(task.description)]),
    ...task.notes.flatMap(({ at, by, text }) => ["", `${showText(`${at} ${by}`)}:`, indent(text)]),
  ].join("\n");
}

function untilOf({ claim }: Task): string {
  return claim?.expiresAt === undefined ? "" : `, until ${claim.expiresAt}`;
}

function indent(text: string): string {
  return safeLines(text)
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
}
