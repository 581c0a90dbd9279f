import type { AgentRef } from "../../domain/agents/agent.js";
import type { Settings, SettingsOf } from "../../domain/settings/settings.js";
import { resolveImage } from "./agent-image.js";
import type { ImageNeeds } from "./base-image.js";
import { resolveBrokerImage } from "./broker-image.js";
import { resolveEgressImage } from "./egress-image.js";
import { offlineError, type MissingImage } from "./offline-error.js";

/**
 * Makes sure that every image is here before anything is made, where none may be fetched or built: all that are missing are
 * named at once. Where a base is missing that is named, for what is built on it has no name yet. @throws DevkitError E_OFFLINE
 */
export async function requireImagesOffline(
  needs: ImageNeeds,
  {
    settings,
    settingsOf,
    agents,
  }: { settings: Settings; settingsOf: SettingsOf; agents: readonly AgentRef[] },
): Promise<void> {
  if (!needs.host.isOffline) return;
  const wanted = [settings.image, ...agents.map((agent) => settingsOf(agent).image)];
  const different = [...new Map(wanted.map((image) => [JSON.stringify(image), image])).values()];
  const [egress, broker, ...own] = await Promise.all([
    resolveEgressImage(needs, settings.egress, { pull: false }),
    resolveBrokerImage(needs, settings.egress, { pull: false }),
    ...different.map((image) => resolveImage(needs, image, { pull: false })),
  ]);
  const all: [string, { reference: string; id: string | undefined }][] = [
    ...own.map((image): [string, typeof image] => ["agents", image]),
    ["egress", egress],
    ["the endpoint", broker],
  ];
  const missing = new Map<string, string[]>();
  for (const [user, { reference, id }] of all)
    if (id === undefined) missing.set(reference, [...(missing.get(reference) ?? []), user]);
  if (missing.size > 0) throw offlineError([...missing].map(toMissing));
}

function toMissing([reference, users]: [string, string[]]): MissingImage {
  return { reference, users: [...new Set(users)] };
}
