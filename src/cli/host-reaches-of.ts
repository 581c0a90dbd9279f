import type { HostReach } from "../app/hooks/host-hooks.js";
import { formatOrigin } from "../config/format-origin.js";
import type { Layer } from "../config/layer.js";
import type { LoadedConfig } from "../config/load.js";
import type { OverlayPlaces } from "../config/overlay-dirs.js";
import { CONTAINER } from "../domain/identity/names.js";
import { findForge, forgeNames } from "../domain/ssh/forges.js";
import { parseMountText } from "../domain/overlays/mount-text.js";
import { isInside, isOwnOrigin } from "./is-own-origin.js";

/**
 * What files of the repository take for agents from outside of it: files of this machine, variables of the user. Whoever
 * wrote those files also says where agents may send it.
 */
export function hostReachesOf({ layers }: Pick<LoadedConfig, "layers">, places: OverlayPlaces): HostReach[] {
  return layers
    .filter(({ origin }) => !isOwnOrigin(origin, places))
    .flatMap((layer) => {
      return reachesOf(layer, places.root).map((what) => ({ what, origin: formatOrigin(layer.origin) }));
    });
}

function reachesOf(
  { settings: { container, image, egress, agent, ssh, codex, claude }, variables = [] }: Layer,
  root: string,
): string[] {
  const outside = (paths: readonly (string | undefined)[]) =>
    paths.filter((one) => one !== undefined).filter((one) => !isInside(one, root));
  const features = Object.keys(image?.features ?? {}).filter((name) => name.startsWith("/"));
  return [
    ...(container?.mounts ?? []).filter((text) => isOutside(text, root)).map((text) => `the mount ${text}`),
    ...outside(container?.env_file ?? []).map((file) => `the variables in ${file}`),
    ...outside([image?.dockerfile, image?.context, ...features]).map((file) => `${file}, to build with`),
    ...(egress?.base === undefined ? [] : [`the image ${egress.base}, to run egress on`]),
    ...ownKeysOfForges(ssh?.known_hosts ?? []),
    ...outside([codex?.pool, claude?.pool]).map((dir) => `the logins in ${dir}`),
    ...outside([codex?.config, claude?.config]).map((file) => `the settings in ${file}`),
    ...(agent?.notify === undefined ? [] : [notifyReach(agent.notify)]),
    ...[...variables, ...(agent?.pass_env ?? [])].map(variableReach),
  ];
}

/** How it is said that a command runs here when an agent's state changes. */
export function notifyReach(command: string): string {
  return `the command ${command}, run on this machine when agents change (agent list --watch)`;
}

/** How it is said that a variable of the user's is asked for. */
export function variableReach(name: string): string {
  return `your variable ${name}`;
}

/** Who names another key for a server that everybody knows could stand in its place. */
function ownKeysOfForges(lines: readonly string[]): string[] {
  const servers = forgeNames().map((name) => findForge(name)?.server);
  return lines
    .filter((line) => servers.includes(line.split(" ", 1)[0]))
    .map((line) => `the host key ${line}`);
}

/** What is asked for at the worktree's own place is the worktree, or refused. */
function isOutside(mount: string, root: string): boolean {
  const parsed = parseMountText(mount);
  if (!parsed.ok || parsed.mount.source.kind === "volume") return false;
  return parsed.mount.target !== CONTAINER.workspace && !isInside(parsed.mount.source.path, root);
}
