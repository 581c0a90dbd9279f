import type { AgentRef } from "../agents/agent.js";

/** Which windows a session has: what the user writes as a YAML file. */
export interface Layout {
  /** The session's name. */
  readonly session: string;
  /** Agents 1 to this are part of it, whether they have a window or not. */
  readonly count: number | undefined;
  readonly overlays: readonly LayoutOverlay[];
  readonly windows: readonly LayoutWindow[];
}

/** An overlay that agents of the layout are brought up with. */
export interface LayoutOverlay {
  readonly name: string;
  /** Undefined: all of the layout. */
  readonly agents: readonly AgentRef[] | undefined;
}

export interface LayoutWindow {
  readonly agent: AgentRef;
  /** Relative to the agent's worktree, or a path in its container; undefined: where its commands run. */
  readonly path: string | undefined;
  /** The window's title; undefined: the agent and its branch. */
  readonly name: string | undefined;
  /** A line for the shell, or a program and its arguments; undefined: a shell to type into. */
  readonly command: string | readonly [string, ...string[]] | undefined;
  /** One more overlay that its agent is brought up with. */
  readonly overlay: string | undefined;
}

export const LAYOUT_SESSION = "devkit-layout";

/** The overlays that an agent is brought up with for this layout, each once, in the order in which they apply. */
export function layoutOverlays({ overlays, windows }: Layout, { name }: AgentRef): string[] {
  const declared = overlays
    .filter(({ agents }) => agents === undefined || agents.some((agent) => agent.name === name))
    .map((overlay) => overlay.name);
  const own = windows.flatMap(({ agent, overlay }) =>
    agent.name === name && overlay !== undefined ? [overlay] : [],
  );
  return [...new Set([...declared, ...own])];
}

/** What makes a window of a layout the same as one that is there: not its title, which follows the branch. */
export function windowKeys(windows: readonly LayoutWindow[]): string[] {
  const seen = new Map<string, number>();
  return windows.map(({ agent, path, command }) => {
    const key = JSON.stringify([agent.name, path ?? null, command ?? null]);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    // An agent's shell is the window that tmux-shells opens too.
    const name = path === undefined && command === undefined ? agent.name : key;
    return times === 1 ? name : `${name} ${String(times)}`;
  });
}
