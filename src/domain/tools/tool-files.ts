import { CONTAINER } from "../identity/names.js";
import { withClaudeHooks } from "./tool-hooks.js";

/** Files in an agent's home, relative to it. */
export const TOOL_FILES = {
  codex: ".codex/config.toml",
  claude: ".claude/settings.json",
  /** What Claude Code remembers; besides its dialogs much that is its own. */
  claudeState: ".claude/.claude.json",
} as const;

/** The agent is in a container of its own, which is its sandbox: nobody has to be asked. */
const CLAUDE_SETTINGS = {
  permissions: { defaultMode: "bypassPermissions" },
  skipDangerousModePermissionPrompt: true,
} as const;

const MCP_SERVER = { type: "stdio", command: "devkit", args: ["mcp"], env: {} } as const;

/**
 * Codex's settings with the agent's worktree trusted under the names that it has besides /workspace, which the image's
 * own settings trust; undefined: there is nothing to add. Tables are added at the end, as Codex itself does it.
 */
export function trustForCodex(text: string | undefined, places: readonly string[]): string | undefined {
  const before = text ?? "";
  // A table written in one line cannot be added to.
  if (/^[ \t]*projects[ \t]*=/m.test(before)) return undefined;
  const missing = places.filter(
    (place) =>
      place !== CONTAINER.workspace &&
      ![JSON.stringify(place), `'${place}'`].some((key) => before.includes(`projects.${key}`)),
  );
  if (missing.length === 0) return undefined;
  const tables = missing.map((place) => `[projects.${JSON.stringify(place)}]\ntrust_level = "trusted"\n`);
  const start = before === "" || before.endsWith("\n") ? before : `${before}\n`;
  return [...(start === "" ? [] : [start]), ...tables].join("\n");
}

/** Claude Code's settings with what a container needs; undefined: nothing is missing, or it is no JSON that can be added to. */
export function settingsForClaude(text: string | undefined): string | undefined {
  return changed(text, (found) => withClaudeHooks(merge(found, CLAUDE_SETTINGS)));
}

/** The same of what it remembers: its dialogs are answered, the agent's worktree is trusted under all its names. */
export function stateForClaude(text: string | undefined, places: readonly string[]): string | undefined {
  const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
  const wanted = {
    hasCompletedOnboarding: true,
    hasSeenAutoDefaultNudge: true,
    projects: Object.fromEntries(places.map((place) => [place, trusted])),
  };
  return changed(text, (found) => withServer(merge(found, wanted)));
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The task pool as tools (docs/mcp.md), unless the agent has a server of that name. */
function withServer(state: Json): Json {
  const servers = state["mcpServers"] ?? {};
  if (!isObject(servers) || Object.hasOwn(servers, "devkit")) return state;
  return { ...state, mcpServers: { ...servers, devkit: MCP_SERVER } };
}

function changed(text: string | undefined, add: (found: Json) => Json): string | undefined {
  const found = text === undefined || text.trim() === "" ? {} : parseObject(text);
  if (found === undefined) return undefined;
  try {
    const merged = add(found);
    return JSON.stringify(merged) === JSON.stringify(found)
      ? undefined
      : `${JSON.stringify(merged, null, 2)}\n`;
  } catch (error) {
    // It can be read, and is too deep to be written.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Undefined for what is no object of JSON. */
export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A key that is there stays as it is; in tables that both have, each for itself. */
function merge(found: Json, wanted: Json): Json {
  const merged = new Map(Object.entries(found));
  for (const [key, value] of Object.entries(wanted)) {
    const there = merged.get(key);
    if (!merged.has(key)) merged.set(key, value);
    else if (isObject(there) && isObject(value)) merged.set(key, merge(there, value));
  }
  return Object.fromEntries(merged);
}
