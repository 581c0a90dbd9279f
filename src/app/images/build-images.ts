import type { Settings } from "../../domain/settings/settings.js";
import { ensureImage } from "./agent-image.js";
import type { ImageNeeds } from "./base-image.js";
import { ensureBrokerImage, resolveBrokerImage } from "./broker-image.js";
import { requireImagesOffline } from "./offline.js";
import { ensureEgressImage, resolveEgressImage } from "./egress-image.js";

export interface BuiltImages {
  readonly reference: string;
  readonly id: string;
  readonly egress: { readonly reference: string; readonly id: string };
  readonly broker: { readonly reference: string; readonly id: string };
}

/** The images of agents, of egress and of the endpoint, built where they are not there, or `force` asks for it. */
export async function buildImages(
  needs: ImageNeeds,
  settings: Settings,
  options: { readonly force?: boolean },
): Promise<BuiltImages> {
  await requireImagesOffline(needs, { settings, settingsOf: () => settings, agents: [] });
  const [{ reference, id }, egress, broker] = await Promise.all([
    ensureImage(needs, settings.image, options),
    resolveEgressImage(needs, settings.egress).then(async (image) => ({
      reference: image.reference,
      id: await ensureEgressImage(needs, settings.egress, image, options),
    })),
    resolveBrokerImage(needs, settings.egress).then(async (image) => ({
      reference: image.reference,
      id: await ensureBrokerImage(needs, settings.egress, image, options),
    })),
  ]);
  return { reference, id, egress, broker };
}
