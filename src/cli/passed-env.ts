import { recordedSettings } from "../domain/agents/container-spec.js";
import type { RunningAgent } from "../app/agents/exec.js";
import type { TrustStore } from "../app/ports-hooks.js";
import { isDevkitError } from "../base/errors.js";
import { layersOf } from "../config/layer.js";
import type { LoadedConfig } from "../config/load.js";
import { passedEnv } from "../domain/agents/env.js";
import { isOwnOrigin } from "./is-own-origin.js";
import { variableReach } from "./host-reaches-of.js";
import { overlayPlaces } from "./places.js";

export interface PassedEnvNeeds {
  readonly root: string;
  readonly env: Readonly<Partial<Record<string, string>>>;
  /** The settings with these overlays besides those that are in force anyway. */
  readonly load: (overlays: readonly string[]) => Promise<LoadedConfig>;
  readonly trust: Pick<TrustStore, "approvedTexts">;
  readonly warn: (text: string) => void;
}

/**
 * Variables of the user that a command in an agent gets, as `[agent] pass_env` says: by devkit.toml and by the overlays that
 * the agent's container was made with. What files of the repository ask for counts only where the user has approved that.
 */
export async function findPassedEnv(
  { root, env, load, trust, warn }: PassedEnvNeeds,
  { agent, container }: RunningAgent,
): Promise<Record<string, string>> {
  let config: LoadedConfig;
  try {
    const common = await load([]);
    const recorded = recordedSettings(container.config).overlays;
    const more = recorded.filter((name) => !common.overlaysOf(agent).includes(name));
    config = more.length === 0 ? common : await load(more);
  } catch (error) {
    // Whoever looks around in an agent should not need settings without mistakes for that.
    if (!isDevkitError(error)) throw error;
    warn(`none of your variables are passed on: ${error.message}`);
    return {};
  }
  const names = Object.keys(passedEnv(config.settingsOf(agent).agent.pass_env, env));
  if (names.length === 0) return {};
  const own = layersOf(config.layers, agent.index)
    .filter(({ origin }) => isOwnOrigin(origin, overlayPlaces(root)))
    .flatMap(({ settings }) => settings.agent?.pass_env ?? []);
  const approved = names.every((name) => own.includes(name))
    ? new Set<string>()
    : await trust.approvedTexts();
  const isAllowed = (name: string) => own.includes(name) || approved.has(variableReach(name));
  const withheld = names.filter((name) => !isAllowed(name));
  if (withheld.length > 0)
    warn(
      `${withheld.join(", ")} is not passed on: the repository asks for it, and nobody has approved that: devkit trust`,
    );
  return passedEnv(names.filter(isAllowed), env);
}
