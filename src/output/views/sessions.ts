import { countOf } from "../../base/plural.js";
import type { AgentRef } from "../../domain/agents/agent.js";

/** One window of a session with many, also its JSON. */
export interface WindowRow extends AgentRef {
  readonly title: string;
  /** Whether it was made, or its command started again. */
  readonly opened: boolean;
}

/** What became of a session, and how to see it. */
export function windowsText(session: string, windows: readonly WindowRow[], attached: boolean): string {
  const opened = windows.filter((window) => window.opened);
  const made =
    opened.length === 0 ? "nothing to add" : `added ${opened.map(({ title }) => title).join(", ")}`;
  const how = attached
    ? ""
    : `\nTo see it: tmux attach -t ${/^[\w-]+$/.test(session) ? `=${session}` : `'=${session}'`}`;
  return `Session ${session}: ${countOf(windows.length, "window")}, ${made}.${how}`;
}
