import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import { isWithin } from "../../domain/custody/mounts.js";
import { sourceProblem, type HostFacts } from "../../domain/mounts/source-problem.js";
import type { ImageSettings } from "../../domain/settings/settings.js";
import type { MountHost } from "../ports-mounts.js";

/**
 * Refuses to build an image of what may not be mounted either: what is copied into it every agent of it can read, and
 * where an agent can write, it could put a link to anything while the files are read.
 * @throws DevkitError E_CONFIG
 */
export async function requireSafeImage(
  { mountHost, facts }: { readonly mountHost: MountHost; readonly facts: () => Promise<HostFacts> },
  { dockerfile, context, features }: ImageSettings,
): Promise<void> {
  const folders = Object.keys(features).filter((name) => name.startsWith("/"));
  const asked: (readonly [string, string])[] = folders.map((folder) => ["features", folder] as const);
  if (dockerfile !== undefined)
    asked.push(["dockerfile", dockerfile], ["context", context ?? path.dirname(dockerfile)]);
  for (const [key, source] of asked) {
    const known = await facts();
    for (const at of [source, await mountHost.realPath(source)]) {
      const reason = sourceProblem(at, known)?.reason ?? writableInside(at, known);
      if (reason === undefined) continue;
      throw new DevkitError("E_CONFIG", `[image] ${key}: nothing is built from ${source}: ${reason}`, {
        hint: "see which file asks for it: devkit config show --origin",
        details: { key, path: source },
      });
    }
  }
}

/** `.devkit` is never part of a build, and with it the worktrees that are in it. */
function writableInside(source: string, { worktrees, writable, devkitDir }: HostFacts): string | undefined {
  const places = [...worktrees, ...writable.map((place) => place.path)];
  const apart = places.filter((one) => !devkitDir.some((dir) => isWithin(one, dir)));
  const found = apart.find((one) => isWithin(one, source));
  return found && `an agent can write in ${found}, which is in it`;
}
