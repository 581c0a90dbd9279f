import { createHash } from "node:crypto";
import { AGENT_HOOKS, type AgentHook } from "./agent-hooks.js";

/** One run of a hook's commands in one container. */
export interface HookRun {
  /** Marks its processes. */
  readonly id: string;
  /** The engine's id of the container. */
  readonly container: string;
  /** When that was started, as the engine writes it. */
  readonly start: string;
  /** Of the commands, see `hashCommands`. */
  readonly hash: string;
  /** RFC 3339. */
  readonly began: string;
  /** Undefined: it goes on, or devkit was killed. */
  readonly ended: string | undefined;
  /** Of the command that failed, or 0; undefined while it has not ended, and when it was not waited for any longer. */
  readonly exitCode: number | undefined;
}

/** The last run of each hook of one agent. */
export type HookRecord = Readonly<Partial<Record<AgentHook, HookRun>>>;

export function hashCommands(commands: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(commands)).digest("hex");
}

export function formatHookRecord(record: HookRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** What cannot be read never ran: then it runs again. */
export function parseHookRecord(text: string): HookRecord {
  try {
    const value: unknown = JSON.parse(text);
    if (!isTable(value)) return {};
    const runs = AGENT_HOOKS.map((hook) => [hook, parseRun(value[hook])] as const);
    return Object.fromEntries(runs.filter(([, run]) => run !== undefined));
  } catch {
    return {};
  }
}

function parseRun(value: unknown): HookRun | undefined {
  if (!isTable(value)) return undefined;
  const { id, container, start, hash, began, ended, exitCode } = value;
  if (typeof id !== "string" || typeof container !== "string" || typeof start !== "string") return undefined;
  if (typeof hash !== "string" || typeof began !== "string") return undefined;
  return {
    ...{ id, container, start, hash, began },
    ended: typeof ended === "string" ? ended : undefined,
    exitCode: typeof exitCode === "number" ? exitCode : undefined,
  };
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
