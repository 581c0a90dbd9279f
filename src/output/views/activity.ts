import type { Activity, ActivityState } from "../../domain/activity/activity.js";

/** What an agent is at, as JSON: all fields are always there. */
export interface ActivityData {
  readonly state: ActivityState;
  readonly since: string | null;
  readonly detail: string | null;
  readonly exitCode: number | null;
}

/** The shape of `activityData`, for the documentation of commands. */
export const ACTIVITY_JSON =
  '{ state: "working"|"waiting"|"idle"|"exited"|"out-of-memory"|"stopped"|"unknown", since: RFC 3339|null, detail: string|null, exitCode: number|null }';

export function activityData({ state, since, detail, exitCode }: Activity): ActivityData {
  return { state, since: since ?? null, detail: detail ?? null, exitCode: exitCode ?? null };
}

/** For a cell of a table: `working`, `exited (1)`, `out of memory`. */
export function activityText({ state, exitCode }: Pick<ActivityData, "state" | "exitCode">): string {
  const code = state === "exited" && exitCode !== null ? ` (${String(exitCode)})` : "";
  return `${state.replaceAll("-", " ")}${code}`;
}

/** Everything of it on one line. */
export function activityLine(data: ActivityData): string {
  const since = data.since === null ? "" : ` since ${data.since}`;
  return `${activityText(data)}${since}${data.detail === null ? "" : `: ${data.detail}`}`;
}
