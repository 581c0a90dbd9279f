import { DevkitError, isDevkitError } from "../../base/errors.js";
import { offlineError } from "./offline-error.js";
import type { Engine, ImageInfo } from "../ports-engine.js";
import type { Host, Progress } from "../ports.js";

export interface ImageNeeds {
  readonly engine: Engine;
  readonly host: Host;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * An image to build on, pulled when it is not here.
 * @throws DevkitError E_IMAGE_MISSING
 */
export async function requireBaseImage(
  needs: ImageNeeds,
  reference: string,
  hint?: string,
): Promise<ImageInfo> {
  const found = await needs.engine.findImage(reference);
  if (found !== undefined) return found;
  if (needs.host.isOffline) throw offlineError([{ reference, users: [] }]);
  const step = needs.progress.step(undefined, `pulling ${reference}`);
  try {
    await needs.engine.pullImage(
      reference,
      (line) => {
        step.update(line);
      },
      needs.signal,
    );
  } catch (error) {
    step.fail(`cannot pull ${reference}`);
    if (hint === undefined || !isDevkitError(error)) throw error;
    throw new DevkitError(error.code, error.message, { hint, details: error.details, cause: error });
  }
  step.done(`pulled ${reference}`);
  const pulled = await needs.engine.findImage(reference);
  if (pulled !== undefined) return pulled;
  throw new DevkitError("E_IMAGE_MISSING", `the engine pulled ${reference} but does not have it`, {
    hint: `look at what it has: docker image ls ${reference}`,
  });
}
