import type { Settings } from "../../domain/settings/settings.js";
import { ensureImage } from "./agent-image.js";
import type { ImageNeeds } from "./base-image.js";
import { ensureEgressImage, resolveEgressImage } from "./egress-image.js";

export interface BuiltPair {
  readonly reference: string;
  readonly id: string;
  readonly egress: { readonly reference: string; readonly id: string };
}

/** The agents' image and that of egress, built where they are not there, or `force` asks for it. */
export async function buildImages(
  needs: ImageNeeds,
  settings: Pick<Settings, "image" | "egress">,
  options: { readonly force?: boolean },
): Promise<BuiltPair> {
  const [{ reference, id }, egress] = await Promise.all([
    ensureImage(needs, settings.image, options),
    resolveEgressImage(needs, settings.egress).then(async (image) => ({
      reference: image.reference,
      id: await ensureEgressImage(needs, settings.egress, image, options),
    })),
  ]);
  return { reference, id, egress };
}
