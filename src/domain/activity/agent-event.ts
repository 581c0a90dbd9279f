import { showText } from "../../base/show-text.js";

/** What an agent's program can say of itself. */
export const EVENT_STATES = ["working", "waiting", "idle"] as const;

export type EventState = (typeof EVENT_STATES)[number];

/** The last thing that an agent's program said of itself, and when the host heard it. */
export interface AgentEvent {
  readonly state: EventState;
  /** RFC 3339, by the clock of whoever wrote it down; never the agent's word. */
  readonly at: string;
  /** One line of the agent's own text, safe for a terminal. */
  readonly detail: string | undefined;
}

/** Characters of a detail; the rest is cut off. */
const DETAIL_LENGTH = 200;
/** Much more than an event takes: a longer file is none. */
export const EVENT_BYTES = 4096;

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

export function agentEvent(state: EventState, detail: string | undefined, now: Date): AgentEvent {
  return { state, at: now.toISOString(), detail: tidyDetail(detail) };
}

export function formatAgentEvent({ state, at, detail }: AgentEvent): string {
  return `${JSON.stringify({ state, at, detail: detail ?? null })}\n`;
}

/** Undefined for anything that is not exactly an event. */
export function parseAgentEvent(text: string): AgentEvent | undefined {
  if (text.length > EVENT_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { state, at, detail, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0) return undefined;
  const known = EVENT_STATES.find((one) => one === state);
  if (known === undefined || typeof at !== "string" || !TIME.test(at) || Number.isNaN(Date.parse(at)))
    return undefined;
  if (detail !== undefined && detail !== null && typeof detail !== "string") return undefined;
  return { state: known, at, detail: tidyDetail(detail ?? undefined) };
}

function tidyDetail(detail: string | undefined): string | undefined {
  // Not half of a character.
  const cut = (detail ?? "")
    .trim()
    .slice(0, DETAIL_LENGTH)
    .replace(/[\ud800-\udbff]$/, "");
  const shown = showText(cut);
  return shown === "" ? undefined : shown;
}
