import type { OperationKind, Step } from "../agents/plan.js";
import type { HookSettings } from "../settings/settings.js";
import type { AgentHook } from "./agent-hooks.js";
import { hashCommands, type HookRecord, type HookRun } from "./hook-record.js";

/** What is known of one agent's hooks. */
export interface AgentHooks {
  readonly commands: HookSettings;
  readonly record: HookRecord;
  /** Its container as it is now; undefined: it has none. */
  readonly place: HookPlace | undefined;
}

export interface HookPlace {
  readonly container: string;
  /** As the engine writes it; undefined while it does not run. */
  readonly start: string | undefined;
}

/** What a plan does to an agent's container before its hooks have their turn. */
export type ContainerChange = "created" | "started" | "none";

/** Each hook that `agent up` runs, with the kind of its step. */
const STEPS = [
  { hook: "on_create", kind: "hook.create" },
  { hook: "warm", kind: "hook.warm" },
  { hook: "on_start", kind: "hook.start" },
] as const;

/** The hook that a step runs. */
export function hookOf(kind: OperationKind): AgentHook | undefined {
  return STEPS.find((step) => step.kind === kind)?.hook;
}

/** The hooks that are due once the container is as it should be. */
export function hookSteps(hooks: AgentHooks | undefined, change: ContainerChange): Step[] {
  if (hooks === undefined) return [];
  return STEPS.flatMap(({ hook, kind }) => {
    const cause = hookCause(hooks, hook, change);
    return cause === undefined ? [] : [{ kind, cause }];
  });
}

function hookCause(
  { commands, record, place }: AgentHooks,
  hook: AgentHook,
  change: ContainerChange,
): string | undefined {
  const run = record[hook];
  if (commands[hook].length === 0) return undefined;
  if (change === "created") return "its container is new";
  if (place === undefined) return undefined;
  if (run?.container !== place.container) return "it has not run in this container";
  if (hashCommands(commands[hook]) !== run.hash) return "its commands changed";
  const isSameStart = change === "none" && run.start === place.start;
  if (hook === "on_start" && !isSameStart) return "its container is started again";
  // What goes on in the background is left to go on.
  if (run.ended === undefined) return hook === "warm" && isSameStart ? undefined : "its last run was cut off";
  return hook === "warm" ? undefined : failedCause(run);
}

function failedCause({ exitCode }: HookRun): string | undefined {
  if (exitCode === 0) return undefined;
  return exitCode === undefined
    ? "its last run did not end in time"
    : `its last run failed with exit code ${String(exitCode)}`;
}

/** Whether a hook need not run: also when another devkit has just run it. */
export function isHookDone(hooks: AgentHooks, hook: AgentHook): boolean {
  return hooks.place?.start !== undefined && hookCause(hooks, hook, "none") === undefined;
}
