import { bringUp, type UpRequest, type UpResult } from "../../../src/app/agents/up.js";
import type { StatusRequest } from "../../../src/app/agents/status.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import type { AllowedText } from "../../../src/domain/egress/entries.js";
import { GENERATION_FILE } from "../../../src/domain/egress/egress-files.js";
import { networkName } from "../../../src/domain/identity/names.js";
import { egressPaths } from "../../../src/domain/identity/project.js";
import type { Profile } from "../../../src/domain/settings/profiles.js";
import {
  DEFAULT_SETTINGS,
  type EgressSettings,
  type Settings,
} from "../../../src/domain/settings/settings.js";
import type { World } from "../fakes/world.js";
import { egressContainers } from "./containers.js";

export function egressSettings(egress: Partial<EgressSettings>, profiles: readonly Profile[] = []): Settings {
  return {
    ...DEFAULT_SETTINGS,
    project: { ...DEFAULT_SETTINGS.project, profiles },
    egress: { ...DEFAULT_SETTINGS.egress, ...egress },
  };
}

/** The entries of `[egress] allow`, as if all were written in devkit.toml. */
export function allowedIn({ egress }: Settings): AllowedText[] {
  return egress.allow.map((text) => ({ text, place: "devkit.toml" }));
}

/** `agent up N` in a project in memory. */
export function bringUpIn(
  world: World,
  change: Partial<UpRequest> & Pick<UpRequest, "count">,
): Promise<UpResult> {
  const { settings = DEFAULT_SETTINGS } = change;
  return bringUp(world.deps, {
    ...{ settings, allowed: allowedIn(settings), host: world.host, force: false, dryRun: false },
    settingsOf: () => settings,
    now: new Date(),
    signal: new AbortController().signal,
    ...change,
  });
}

/** The same, and it fails when an agent does. */
export async function upIn(
  world: World,
  count: number,
  settings: Settings = DEFAULT_SETTINGS,
  change: Partial<UpRequest> = {},
): Promise<UpResult> {
  const result = await bringUpIn(world, { count, settings, ...change });
  for (const { error } of result.outcomes) if (error !== undefined) throw error;
  return result;
}

/** Who serves an agent: the names of the egress containers that run on its network, at the egress's address there. */
export function serversOf({ engine, deps }: World, index: number): string[] {
  const name = networkName(deps.project, agentAt(index));
  const network = [...engine.networks.values()].find(({ spec }) => spec.name === name);
  return egressContainers(engine)
    .filter(({ state }) => state === "running")
    .filter(({ id }) => network?.places.get(id)?.aliases.includes("tinyproxy"))
    .map(({ spec }) => spec.name.replace(`devkit-${deps.project.id}-`, ""));
}

/** `agent-1 10.213.0.0/29` for each internal network, `out …` for the others. */
export function networksIn({ engine, deps }: World): string[] {
  const all = [...engine.networks.values()].map(({ spec }) =>
    [spec.name.replace(`devkit-${deps.project.id}-`, ""), spec.subnet].join(" "),
  );
  return all.sort();
}

/** One file of an egress container's configuration: of an agent's own, or of the one that the others share. */
export function configOf({ egress, deps }: World, file: string, owner?: number): string | undefined {
  const paths = egressPaths(deps.project, owner === undefined ? undefined : agentAt(owner));
  return egress.configs.get(paths.config)?.get(file);
}

/** Whether an egress container runs with the configuration that was written last. */
export async function isApplied(world: World, owner?: number): Promise<boolean> {
  const paths = egressPaths(world.deps.project, owner === undefined ? undefined : agentAt(owner));
  const written = configOf(world, GENERATION_FILE, owner)?.trim();
  return written !== undefined && written === (await world.egress.findApplied(paths));
}

/** What `agent status` asks in a project in memory. */
export function statusIn({ spec, host }: World, ...selectors: string[]): StatusRequest {
  return { selectors, spec, wanted: spec, host, settingsOf: () => DEFAULT_SETTINGS };
}
