import type { AgentRef } from "../../domain/agents/agent.js";
import type { ImageSettings, SettingsOf } from "../../domain/settings/settings.js";
import { ensureImage, resolveImage, type AgentImage } from "./agent-image.js";
import type { ImageNeeds } from "./base-image.js";

/** The images of several agents; those that ask for the same have the same. */
export interface AgentImages {
  /** Each one once. */
  readonly all: readonly AgentImage[];
  readonly of: (agent: AgentRef) => AgentImage;
}

/** Finds out which images agents should have, without building any; see `resolveImage`. */
export async function resolveImages(
  needs: ImageNeeds,
  settingsOf: SettingsOf,
  agents: readonly AgentRef[],
  options: { pull?: boolean } = {},
): Promise<AgentImages> {
  return mapImages(settingsOf, agents, (settings) => resolveImage(needs, settings, options));
}

/** The same images, built where they are not there. */
export async function ensureImages(
  needs: ImageNeeds,
  settingsOf: SettingsOf,
  agents: readonly AgentRef[],
  resolved: AgentImages,
): Promise<AgentImages> {
  return mapImages(settingsOf, agents, (settings, agent) =>
    ensureImage(needs, settings, { resolved: resolved.of(agent) }),
  );
}

async function mapImages(
  settingsOf: SettingsOf,
  agents: readonly AgentRef[],
  find: (settings: ImageSettings, agent: AgentRef) => Promise<AgentImage>,
): Promise<AgentImages> {
  const found = new Map<string, AgentImage>();
  const keyOf = (agent: AgentRef) => JSON.stringify(settingsOf(agent).image);
  // One after another: they share layers, and the second build finds those of the first.
  for (const agent of agents) {
    const key = keyOf(agent);
    if (!found.has(key)) found.set(key, await find(settingsOf(agent).image, agent));
  }
  return {
    all: [...found.values()],
    of(agent) {
      const image = found.get(keyOf(agent));
      if (image === undefined) throw new Error(`no image was asked for ${agent.name}`);
      return image;
    },
  };
}
