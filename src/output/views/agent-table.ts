import type { AgentRow } from "./agents.js";
import { activityText } from "./activity.js";
import { homeSizeText } from "./homes.js";
import { relativePath } from "./spawn.js";
import { sessionText } from "./workloads.js";
import { upCommand } from "../../domain/agents/up-command.js";

/** Each column and its least width; the last one has none. */
const COLUMNS = [
  ["AGENT", 15],
  ["TASK", 15],
  ["STATUS", 12],
  ["BRANCH", 30],
] as const;
const RULE = 85;

const NONE =
  "No agents\n\nMake some, with a task each: devkit agent spawn --count 3; or by number: devkit agent up 3";

/** Who works on what, and below it what is out of the ordinary. */
export function agentTable(rows: readonly AgentRow[]): string {
  if (rows.length === 0) return NONE;
  const notes = notesOf(rows);
  return [
    ...formatRows(
      ["TMUX"],
      rows.map((row) => [...mainCells(row), sessionText(row)]),
    ),
    ...notes,
  ].join("\n");
}

/** The same with everything there is to say in a line. */
export function wideAgentTable(rows: readonly AgentRow[], root: string): string {
  if (rows.length === 0) return NONE;
  const cells = rows.map((row) => [
    ...mainCells(row),
    sessionText(row),
    stateText(row),
    activityText(row.activity),
    row.sync,
    row.homeBytes === null ? "-" : homeSizeText({ bytes: row.homeBytes, isComplete: row.homeComplete }),
    relativePath(row.worktree, root),
  ]);
  return formatRows(["TMUX", "STATE", "ACTIVITY", "SYNC", "HOME", "WORKTREE"], cells).join("\n");
}

function stateText({ state, runtime, outOfMemory }: AgentRow): string {
  if (runtime === "host") return `${state}, on this machine`;
  return outOfMemory === null ? state : `${state}, out of memory`;
}

function mainCells(row: AgentRow): string[] {
  return [row.name, row.task_id ?? "(idle)", row.task_status ?? "-", row.branch ?? "(detached)"];
}

/** Columns stay where they are as long as what is in them fits, so that two lists can be compared. */
function formatRows(last: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const header = [...COLUMNS.map(([name]) => name), ...last];
  const widths = header.map((_, column) =>
    Math.max(COLUMNS[column]?.[1] ?? 0, ...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join(" ")
      .trimEnd();
  return [line(header), "-".repeat(RULE), ...rows.map(line)];
}

function notesOf(rows: readonly AgentRow[]): string[] {
  const onHost = rows.filter(({ runtime }) => runtime === "host");
  const down = rows.filter(({ state, runtime }) => runtime === "container" && state !== "running");
  const hungry = rows.filter(({ outOfMemory }) => outOfMemory !== null);
  const notes: string[] = [];
  if (down.length > 0) {
    const names = down.map(({ name, state }) => `${name} (${state === "absent" ? "no container" : state})`);
    notes.push(`Down: ${names.join(", ")}. To start them: ${upCommand(down)}`);
  }
  if (onHost.length > 0)
    notes.push(
      `Without a container: ${onHost.map(({ name }) => name).join(", ")}. They run on this machine and can do there whatever you can (docs/host-runtime.md)`,
    );
  const waiting = rows.filter(({ activity }) => activity.state === "waiting");
  const [first] = waiting;
  if (first !== undefined) {
    const names = waiting.map(({ name }) => name).join(", ");
    notes.push(`Waiting for input: ${names}. See: devkit agent attach ${first.name}`);
  }
  if (hungry.length > 0)
    notes.push(`Out of memory: ${hungry.map(({ name }) => name).join(", ")}. See: devkit agent status`);
  return notes.length === 0 ? [] : ["", ...notes];
}
