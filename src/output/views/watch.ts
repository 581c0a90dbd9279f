import type { Activity } from "../../domain/activity/activity.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import { activityData, activityText } from "./activity.js";
import { formatTable } from "./table.js";

/** An agent as it is watched. */
export interface WatchRow {
  readonly agent: AgentRef;
  readonly container: ContainerState | "absent";
  readonly activity: Activity;
  readonly task: { readonly id: string; readonly status: string } | undefined;
}

/** What is different about one; undefined: it is not there. */
export interface WatchChange {
  readonly at: Date;
  readonly name: string;
  readonly now: WatchRow | undefined;
  readonly before: WatchRow | undefined;
}

/** One document of `agent list --watch --json`. */
export function changeData({ at, name, now, before }: WatchChange) {
  return {
    at: at.toISOString(),
    index: (now ?? before)?.agent.index ?? 0,
    name,
    container: now?.container ?? null,
    activity: now === undefined ? null : activityData(now.activity),
    previous: before?.activity.state ?? null,
    task_id: now?.task?.id ?? null,
    task_status: now?.task?.status ?? null,
  };
}

/** The same as a line. */
export function changeLine({ at, name, now, before }: WatchChange): string {
  const stateOf = (row: WatchRow | undefined) =>
    row === undefined ? undefined : activityText(activityData(row.activity));
  const states = [...new Set([stateOf(before), stateOf(now) ?? "gone"])].filter((one) => one !== undefined);
  const task = now?.task === undefined ? "" : `, ${now.task.id} ${now.task.status}`;
  const detail = now?.activity.detail === undefined ? "" : `: ${now.activity.detail}`;
  return `${at.toISOString()}  ${name}  ${states.join(" -> ")}${task}${detail}`;
}

/** All of them. */
export function watchTable(rows: readonly WatchRow[]): string {
  if (rows.length === 0) return "No agents. Make some: devkit agent up 3";
  const cells = rows.map(({ agent, task, activity }) => [
    agent.name,
    task?.id ?? "(idle)",
    task?.status ?? "-",
    activityText(activityData(activity)),
    clockOf(activity.since),
    activity.detail ?? "",
  ]);
  return formatTable(["AGENT", "TASK", "STATUS", "ACTIVITY", "SINCE", ""], cells);
}

/** The time of day where the user is. */
function clockOf(since: string | undefined): string {
  return since === undefined ? "" : new Date(since).toTimeString().slice(0, 8);
}

/** A text over the one before it, of so many lines, on a terminal so wide. */
export function redraw(text: string, linesBefore: number, columns: number): string {
  const up = linesBefore === 0 ? "" : `\u001b[${String(linesBefore)}A`;
  const lines = text.split("\n").map((line) => line.slice(0, Math.max(1, columns - 1)));
  return `${up}\u001b[J${lines.join("\n")}`;
}
