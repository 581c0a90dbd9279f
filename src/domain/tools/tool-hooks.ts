import { EVENT_STATES, type EventState } from "../activity/agent-event.js";

type Json = Readonly<Record<string, unknown>>;

/** When a program tells what it is at. */
interface ToolHook {
  readonly event: string;
  /** Which of them; undefined: all. */
  readonly matcher?: string;
  readonly state: EventState;
  readonly detail?: string;
}

/** How a session begins that nobody has asked anything yet; it also begins anew in the middle of a turn. */
const BEGINS = "startup|resume|clear";

/** What Claude Code 2.1 tells. It says nothing when a turn is interrupted, and soon after that it waits. */
export const CLAUDE_HOOKS: readonly ToolHook[] = [
  { event: "SessionStart", matcher: BEGINS, state: "waiting", detail: "for its first prompt" },
  { event: "UserPromptSubmit", state: "working" },
  { event: "PostToolUse", state: "working" },
  { event: "PermissionRequest", state: "waiting", detail: "asks for permission" },
  {
    event: "Notification",
    matcher: "permission_prompt|elicitation_dialog|elicitation_url_dialog|agent_needs_input",
    ...{ state: "waiting", detail: "asks for an answer" },
  },
  { event: "Notification", matcher: "idle_prompt", state: "waiting", detail: "for the next prompt" },
  { event: "Stop", state: "waiting", detail: "its turn has ended" },
  { event: "StopFailure", state: "waiting", detail: "its turn has failed" },
  { event: "SessionEnd", state: "idle" },
];

/** What Codex 0.169 tells; docker/agent/codex.toml has it, for every agent. */
export const CODEX_HOOKS: readonly ToolHook[] = [
  { event: "SessionStart", matcher: BEGINS, state: "waiting", detail: "for its first prompt" },
  { event: "UserPromptSubmit", state: "working" },
  { event: "PostToolUse", state: "working" },
  { event: "PermissionRequest", state: "waiting", detail: "asks for permission" },
  { event: "Stop", state: "waiting", detail: "its turn has ended" },
  { event: "Interrupt", state: "waiting", detail: "its turn was interrupted" },
  { event: "SessionEnd", state: "idle" },
];

/** Nothing waits longer for an endpoint that does not answer; Codex allows some hooks no more. */
export const HOOK_SECONDS = 3;

/**
 * The command of a hook. What it gets on its standard input is read to the end, what it says goes nowhere (a program would
 * give that to its model), and it never fails: without an endpoint, or without devkit, the program goes on as if it had none.
 */
export function hookCommand({ state, detail }: Pick<ToolHook, "state" | "detail">): string {
  const more = detail === undefined ? "" : ` --detail '${detail}'`;
  return `{ devkit event ${state}${more}; cat; } > /dev/null 2>&1`;
}

const OURS = new RegExp(`\\bdevkit event (?:${EVENT_STATES.join("|")})\\b`);

/** Claude Code's settings with the hooks that are missing, after the user's own; what is no list of hooks stays as it is. */
export function withClaudeHooks(settings: Json): Json {
  const before = settings["hooks"];
  if (before !== undefined && !isObject(before)) return settings;
  const hooks = new Map(Object.entries(before ?? {}));
  const had = new Set([...hooks].filter(([, list]) => tells(list)).map(([event]) => event));
  for (const hook of CLAUDE_HOOKS.filter(({ event }) => !had.has(event))) {
    const list = hooks.get(hook.event) ?? [];
    if (Array.isArray(list)) hooks.set(hook.event, [...(list as unknown[]), toClaudeHook(hook)]);
  }
  return { ...settings, hooks: Object.fromEntries(hooks) };
}

function toClaudeHook(hook: ToolHook): Json {
  const command = { type: "command", command: hookCommand(hook), timeout: HOOK_SECONDS };
  return { ...(hook.matcher === undefined ? {} : { matcher: hook.matcher }), hooks: [command] };
}

/** Whether one of an event's hooks tells devkit already. */
function tells(list: unknown): boolean {
  if (!Array.isArray(list)) return false;
  const hooks = list.flatMap((one: unknown) => (isObject(one) ? [one["hooks"]].flat() : []));
  return hooks.some(
    (one) => isObject(one) && typeof one["command"] === "string" && OURS.test(one["command"]),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
