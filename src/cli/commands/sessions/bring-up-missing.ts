import type { AgentRef } from "../../../domain/agents/agent.js";
import type { OptionSpecs, RunContext } from "../../command.js";

/** Agents with the overlays that they are to have. */
export interface WantedAgent {
  readonly agent: AgentRef;
  readonly overlays: readonly string[];
}

/** Brings these agents up, those with the same overlays at once, and leaves all others alone. @throws DevkitError */
export async function bringUpMissing<O extends OptionSpecs>(
  context: RunContext<O>,
  missing: readonly WantedAgent[],
): Promise<void> {
  const groups = new Map<string, WantedAgent[]>();
  for (const one of missing) {
    const key = JSON.stringify(one.overlays);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const group of groups.values()) await bringUpGroup(context, group);
}

async function bringUpGroup<O extends OptionSpecs>(
  context: RunContext<O>,
  group: readonly WantedAgent[],
): Promise<void> {
  const [{ bringUp }, { requireSuccess }, { allowedNames }] = await Promise.all([
    import("../../../app/agents/up.js"),
    import("../../../app/agents/outcome.js"),
    import("../../../config/allowed-names.js"),
  ]);
  const deps = context.deps.with({ overlays: group[0]?.overlays ?? [] });
  const [project, config] = await Promise.all([deps.projectDeps(), deps.config()]);
  const indexes = group.map(({ agent }) => agent.index);
  const { outcomes } = await bringUp(project, {
    ...{ count: Math.max(...indexes), only: indexes, host: deps.host, extras: deps.extras },
    settings: config.settings,
    settingsOf: config.settingsOf,
    allowed: allowedNames(config),
    hostHooks: await deps.hostHooks(config),
    ...{ force: false, dryRun: false, now: new Date(), signal: context.shutdown.signal },
  });
  requireSuccess(outcomes, 0);
}
