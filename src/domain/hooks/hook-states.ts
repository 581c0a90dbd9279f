import { AGENT_HOOKS, type AgentHook } from "./agent-hooks.js";
import { isHookDone, type AgentHooks } from "./hook-steps.js";

/** What became of one hook of one agent. */
export interface HookState {
  readonly hook: AgentHook;
  readonly commands: readonly string[];
  /**
   * due: to be run by the next `agent up`; unfinished: it goes on, or was cut off; never: only ever run when asked for,
   * and nobody has.
   */
  readonly state: "due" | "unfinished" | "done" | "failed" | "never";
  /** RFC 3339, of the last run. */
  readonly began: string | undefined;
  readonly ended: string | undefined;
  readonly exitCode: number | undefined;
}

/** The hooks that have commands, in the order in which an agent gets to them. */
export function hookStates(hooks: AgentHooks): HookState[] {
  return AGENT_HOOKS.filter((hook) => hooks.commands[hook].length > 0).map((hook) => {
    const { began, ended, exitCode } = hooks.record[hook] ?? {};
    return { hook, commands: hooks.commands[hook], state: stateOf(hooks, hook), began, ended, exitCode };
  });
}

function stateOf(hooks: AgentHooks, hook: AgentHook): HookState["state"] {
  const { record, place } = hooks;
  const run = record[hook];
  const isHere = run !== undefined && run.container === place?.container && run.start === place.start;
  if (isHere && run.ended === undefined) return "unfinished";
  if (run?.ended !== undefined && run.exitCode !== 0 && (hook === "maintain" || isHere)) return "failed";
  if (hook === "maintain")
    return run === undefined ? "never" : run.ended === undefined ? "unfinished" : "done";
  return isHookDone(hooks, hook) ? "done" : "due";
}
