import { parseDuration } from "../../base/durations.js";
import { parseAgentName } from "../../domain/agents/agent.js";
import type { Settings, SettingsOf } from "../../domain/settings/settings.js";
import type { ProjectDeps } from "../ports.js";

export interface CurrentSettings {
  readonly settings: Settings;
  /** Undefined: all agents have the same. */
  readonly settingsOf?: SettingsOf | undefined;
}

/** Writes down what commands inside agents need of the settings. */
export async function saveEndpointSettings(
  { endpoint, project }: Pick<ProjectDeps, "endpoint" | "project">,
  { settings, settingsOf }: CurrentSettings,
): Promise<void> {
  const { prefix, lease, topics } = settings.tasks;
  const named = (await endpoint.known()).map((name) => parseAgentName(name, project.roster));
  const own = settingsOf === undefined ? [] : named.filter((agent) => agent !== undefined);
  await endpoint.saveSettings({
    ...{ host: endpoint.machine, prefix, topics, roster: project.roster },
    // The settings have been checked.
    leaseMs: parseDuration(lease) ?? 0,
    checks: settings.check.list,
    checksOf: new Map(own.map((agent) => [agent.name, settingsOf?.(agent).check.list ?? []])),
  });
}
