import type { SettingPath } from "./locate.js";
import { isVariables } from "./flatten.js";
import type { TomlTable } from "./parse.js";
import type { Finding } from "./shape.js";
import { MAX_AGENT_INDEX } from "../domain/agents/agent.js";

/** What one agent can have of its own; everything else holds for all of them. */
const OF_ONE_AGENT: readonly string[] = [
  "image",
  "container",
  "caches.use",
  "hooks",
  "ports.publish",
  "agent",
  "ssh",
  "codex",
  "claude",
  "check",
];
const OF_ALL: readonly string[] = ["hooks.host"];

/** Why a setting cannot be one agent's own, by table. */
const REASONS: Readonly<Record<string, string>> = {
  hooks: "they run on this machine before any agent comes up",
  egress: "one agent's exceptions are made with: devkit allow NAME --agent N",
  ports: "ports of this machine are given to all agents in turn",
  budget: "it is what they may have together",
};

const FOLDER = /^agent([1-9]\d*)$/;

/** The agent that an overlay of this name is for: 2 of `agent2`. */
export function agentOfOverlay(name: string): number | undefined {
  const index = Number(FOLDER.exec(name)?.[1]);
  return index <= MAX_AGENT_INDEX ? index : undefined;
}

/** Mistakes of an overlay for one agent alone, which `byName` says when the file does not. */
export function checkAgentOverlay(values: TomlTable, byName: number | undefined): Finding[] {
  const said = values["agent"];
  const agent = typeof said === "number" ? said : byName;
  if (agent === undefined) return [];
  const findings = settingsOfAll(values).map((path): Finding => {
    const reason = REASONS[String(path[0])];
    return {
      path,
      part: "key",
      message: `${path.join(".")} concerns all agents, and this overlay is for agent ${String(agent)} alone`,
      hint: `${reason === undefined ? "" : `${reason}; `}set it in devkit.toml or in an overlay for all`,
    };
  });
  if (byName === undefined || agent === byName) return findings;
  const message = `an overlay named agent${String(byName)} is for agent ${String(byName)}, not for ${String(agent)}`;
  const hint = "leave out the key, or name the overlay otherwise";
  return [...findings, { path: ["agent"], part: "value", message, hint }];
}

/** The settings of a file that cannot be one agent's own. */
export function settingsOfAll(settings: Readonly<Record<string, unknown>>): SettingPath[] {
  return Object.entries(settings).flatMap(([table, content]) => {
    if (!isVariables(content)) return [];
    return Object.keys(content)
      .filter((key) => {
        const name = `${table}.${key}`;
        return OF_ALL.includes(name) || !(OF_ONE_AGENT.includes(table) || OF_ONE_AGENT.includes(name));
      })
      .map((key) => [table, key]);
  });
}
