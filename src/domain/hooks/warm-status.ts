import type { HookRun } from "./hook-record.js";

/** In the agent's home: how its warm hook fares, in the words of what runs there, and what that said. */
export const WARM_FILES = { status: ".devkit-warm", log: ".devkit-warm.log" } as const;

const STATUS = /^([0-9a-f]+) (\d{1,3}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/;

/** The run with its end, if the status tells of one. Only for people and for the agent itself: it can write that file. */
export function withWarmStatus(run: HookRun, status: string | undefined): HookRun {
  const [, id, exitCode, ended] = STATUS.exec(status?.trim() ?? "") ?? [];
  if (id !== run.id) return run;
  return { ...run, ended, exitCode: Number(exitCode) };
}
