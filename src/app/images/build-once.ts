import type { ImageInfo } from "../ports-engine.js";
import { offlineError } from "./offline-error.js";
import type { ImageNeeds } from "./base-image.js";

export interface OneBuild {
  readonly tag: string;
  /** What is said while it is built, and when it was. */
  readonly doing: string;
  readonly done: string;
  /** Though it is there. */
  readonly force?: boolean;
  /** Makes the image with that tag on the engine. */
  readonly build: (onLine: (line: string) => void) => Promise<unknown>;
}

/**
 * The image with this tag, built when it is not there. Two devkits that build it at the same time would make two images, and
 * what one has made of the first would look outdated to it once the tag is the second's: so one builds, and the other one
 * finds what it built.
 */
export async function buildOnce(
  { engine, host, progress }: ImageNeeds,
  { tag, doing, done, force = false, build }: OneBuild,
): Promise<ImageInfo> {
  return host.buildLocks.hold(`image-${tag.replaceAll(/[^a-z0-9]/g, "-")}`, async () => {
    const found = force ? undefined : await engine.findImage(tag);
    if (found !== undefined) return found;
    if (host.isOffline) throw offlineError([{ reference: tag, users: [] }]);
    const step = progress.step(undefined, doing);
    try {
      await build((line) => {
        step.update(line);
      });
      const built = await engine.findImage(tag);
      if (built === undefined) throw new Error(`the engine built ${tag} but does not have it`);
      step.done(done);
      return built;
    } catch (error) {
      step.fail(`${doing} failed`);
      throw error;
    }
  });
}
