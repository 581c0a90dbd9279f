import { DevkitError } from "../../base/errors.js";
import { judgeImage, type ImageVerdict } from "../../domain/images/judge-image.js";
import type { ImageUser } from "../ports-images.js";
import type { ProjectDeps } from "../ports.js";
import { listImages, type ImagesRequest, type ListedImage } from "./list-images.js";

export interface PruneImagesRequest extends ImagesRequest {
  /** References or ids, whole or the start of one; empty: all. */
  readonly named: readonly string[];
  readonly apply: boolean;
  readonly now: Date;
}

export interface JudgedImage extends ImageVerdict {
  readonly image: ListedImage;
  readonly removed: boolean;
}

/** Says of every image of devkit's why it is kept or may go, and with `apply` removes those that may. */
export async function pruneImages(deps: ProjectDeps, request: PruneImagesRequest): Promise<JudgedImage[]> {
  if (!request.apply) return judge(await listImages(deps, request), request);
  // An `agent up` of this project may be about to use what it has just built.
  return deps.locks.hold("agents", async () => {
    const results: JudgedImage[] = [];
    for (const one of judge(await listImages(deps, request), request)) {
      request.signal.throwIfAborted();
      results.push(one.removable ? await remove(deps, one) : one);
    }
    return results;
  });
}

async function remove({ engine }: ProjectDeps, one: JudgedImage): Promise<JudgedImage> {
  if (await engine.removeImage(one.image)) return { ...one, removed: true };
  return { ...one, removable: false, reason: "is something that the engine still needs" };
}

function judge(images: readonly ListedImage[], { named, now }: PruneImagesRequest): JudgedImage[] {
  const unknown = named.find((name) => !images.some((image) => isNamed(image, name)));
  if (unknown !== undefined) {
    throw new DevkitError("E_IMAGE_UNKNOWN", `devkit built no image ${unknown}`, {
      hint: "see which there are: devkit image list",
      details: { asked: unknown },
    });
  }
  const verdicts = new Map<string, ImageVerdict>();
  const verdictOf = (image: ListedImage): ImageVerdict => {
    const known = verdicts.get(image.id);
    if (known !== undefined) return known;
    const above = images.filter(
      ({ id, base }) => id !== image.id && base !== undefined && image.references.includes(base),
    );
    const verdict = judgeImage({
      isStage: image.references.length === 0,
      users: [...new Set(image.users.map(describeUser))],
      wanted: image.wanted,
      above: above
        .filter((one) => !verdictOf(one).removable)
        .map(({ references, id }) => references[0] ?? id),
      ageMs: now.getTime() - image.createdAt.getTime(),
      named: named.some((name) => isNamed(image, name)),
    });
    verdicts.set(image.id, verdict);
    return verdict;
  };
  return images
    .filter((image) => named.length === 0 || named.some((name) => isNamed(image, name)))
    .map((image) => ({ image, removed: false, ...verdictOf(image) }));
}

function isNamed({ references, id }: ListedImage, name: string): boolean {
  return (
    references.includes(name) ||
    (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(name) &&
      id.replace("sha256:", "").startsWith(name.replace("sha256:", "")))
  );
}

/** `agent-1 of /home/me/app`, or the name of the container. */
function describeUser({ agentName, root, container }: ImageUser): string {
  return agentName === undefined || root === undefined ? container : `${agentName} of ${root}`;
}
