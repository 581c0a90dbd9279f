import { isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SpecExtras } from "../../domain/mounts/extras.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { hasTool, type Tool } from "../../domain/tools/tool.js";
import {
  settingsForClaude,
  stateForClaude,
  TOOL_FILES,
  trustForCodex,
} from "../../domain/tools/tool-files.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "project" | "homes" | "progress">;

export interface ToolFilesRequest {
  readonly wanted: readonly ObservedAgent[];
  readonly settingsOf: SettingsOf;
  /** What settings add to agents: the files that `config` of a program names are among it. */
  readonly extrasOf: ((agent: AgentRef) => SpecExtras) | undefined;
}

/** What one agent's files are made of. */
interface Subject {
  readonly agent: AgentRef;
  readonly has: readonly Tool[];
  /** The worktree's names in the container. */
  readonly places: readonly string[];
  /** The user's own settings, for a home without such a file. */
  readonly configs: NonNullable<SpecExtras["toolConfigs"]>;
}

/** Much more than any of these files becomes. */
const LIMIT = 64 * 1024 * 1024;

/**
 * Adds to the homes that are there what Codex and Claude Code need in a container and no file of the image can say, and the
 * user's own settings where a home has none (a fresh one after `agent home reset` is there already); no key that is there is
 * changed. Answers what does the same for a home that is only just made.
 */
export function provideToolFiles(deps: Needs, request: ToolFilesRequest): (agent: AgentRef) => void {
  const { settingsOf, extrasOf } = request;
  const subjectOf = (agent: AgentRef): Subject => {
    const settings = settingsOf(agent);
    const { worktree } = agentPaths(deps.project, agent);
    const more = settings.container.workspace_at;
    return {
      agent,
      has: (["codex", "claude"] as const).filter((tool) => hasTool(settings, tool)),
      places: [...new Set([CONTAINER.workspace, worktree, ...(more === undefined ? [] : [more])])],
      configs: extrasOf?.(agent).toolConfigs ?? {},
    };
  };
  for (const { agent, state } of request.wanted) {
    if (state.home) provideOrWarn(deps, subjectOf(agent));
  }
  return (agent) => {
    provide(deps, subjectOf(agent));
  };
}

/** What one agent did to its home must not keep the others from coming up. */
function provideOrWarn(deps: Needs, subject: Subject): void {
  try {
    provide(deps, subject);
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    deps.progress.warn(`${subject.agent.name}: its programs could not be set up: ${error.message}`);
  }
}

function provide(deps: Needs, subject: Subject): void {
  copyConfigs(deps, subject);
  addKeys(deps, subject);
}

function copyConfigs({ homes, project }: Needs, { agent, configs }: Subject): void {
  const paths = agentPaths(project, agent);
  for (const tool of ["codex", "claude"] as const) {
    const content = configs[tool];
    if (content === undefined || homes.mode(paths, TOOL_FILES[tool]) !== undefined) continue;
    homes.write(paths, [{ path: TOOL_FILES[tool], mode: 0o600, content }]);
  }
}

function addKeys({ homes, project }: Needs, { agent, has, places }: Subject): void {
  const paths = agentPaths(project, agent);
  const change = (path: string, add: (text: string | undefined) => string | undefined) => {
    const text = homes.read(paths, path, LIMIT);
    // A link, a directory, something that is closed: the agent's own business.
    if (text === undefined && homes.mode(paths, path) !== undefined) return;
    const content = add(text);
    if (content === undefined) return;
    homes.write(paths, [{ path, mode: homes.mode(paths, path) ?? 0o600, content }]);
  };
  if (has.includes("codex")) change(TOOL_FILES.codex, (text) => trustForCodex(text, places));
  if (!has.includes("claude")) return;
  change(TOOL_FILES.claude, settingsForClaude);
  change(TOOL_FILES.claudeState, (text) => stateForClaude(text, places));
}
