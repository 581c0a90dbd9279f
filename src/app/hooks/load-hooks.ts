import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedContainer } from "../../domain/agents/observed.js";
import { AGENT_HOOKS } from "../../domain/hooks/agent-hooks.js";
import type { HookRecord } from "../../domain/hooks/hook-record.js";
import type { AgentHooks } from "../../domain/hooks/hook-steps.js";
import { withWarmStatus } from "../../domain/hooks/warm-status.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "engine" | "hooks" | "project">;

/** What an agent's hooks are and how they fared; undefined when it has none, which costs nothing to find out. */
export async function loadHooks(
  deps: Needs,
  settingsOf: SettingsOf,
  agent: AgentRef,
  container: Pick<ObservedContainer, "id"> | undefined,
): Promise<AgentHooks | undefined> {
  const { hooks: commands } = settingsOf(agent);
  if (AGENT_HOOKS.every((hook) => commands[hook].length === 0)) return undefined;
  const [record, start] = await Promise.all([
    loadRecord(deps, agent),
    container && deps.engine.findStart(container.id),
  ]);
  return { commands, record, place: container && { container: container.id, start } };
}

/** The last runs, the one in the background with its end. */
export async function loadRecord(
  { hooks, project }: Pick<ProjectDeps, "hooks" | "project">,
  agent: AgentRef,
): Promise<HookRecord> {
  const paths = agentPaths(project, agent);
  const record = await hooks.loadRecord(paths);
  if (record.warm === undefined) return record;
  return { ...record, warm: withWarmStatus(record.warm, hooks.readWarmStatus(paths)) };
}
