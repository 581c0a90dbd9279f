import { isWithin } from "../custody/mounts.js";
import type { MountProblem } from "./mount-problem.js";

/** Where things are on this host; each path also as it is without links. */
export interface HostFacts {
  /** Sockets of container engines. */
  readonly sockets: readonly string[];
  /** Where engines keep images and containers. */
  readonly engineDirs: readonly string[];
  /** The directory of all projects' state: homes, private git dirs, egress. */
  readonly stateHome: readonly string[];
  /** `.devkit` of the project, and what devkit keeps of downloads, where agents write. */
  readonly devkitDir: readonly string[];
  readonly worktrees: readonly string[];
  /** What agents can write, and who can. */
  readonly writable: readonly WritablePlace[];
  /** The user's home: programs take what to do from what has a dot before its name. */
  readonly homes: readonly string[];
  /** Further files and directories from which the user's own programs, devkit and git among them, take what to do. */
  readonly trusted: readonly string[];
}

export interface WritablePlace {
  readonly path: string;
  /** For people: `agent-2`. */
  readonly by: string;
}

const KERNEL = ["/proc", "/sys", "/dev"];

const contains = (source: string, places: readonly string[]) =>
  places.find((place) => isWithin(place, source));
const lies = (source: string, places: readonly string[]) => places.find((place) => isWithin(source, place));

/** Why nothing may be mounted from this path, whatever is there and whether it can be written or not. */
export function sourceProblem(source: string, facts: HostFacts): MountProblem | undefined {
  return hostProblem(source, facts) ?? stateProblem(source, facts) ?? swapProblem(source, facts);
}

function hostProblem(source: string, { sockets, engineDirs }: HostFacts): MountProblem | undefined {
  const hint = "mount only the directory that the agent needs";
  if (source === "/") return { reason: "it is the whole host", hint };
  const kernel = lies(source, KERNEL);
  if (kernel !== undefined) return { reason: `what is in ${kernel} is the host's kernel`, hint };
  const socket = contains(source, sockets);
  if (socket === source) return { reason: "who has the engine's socket has the host", hint: SOCKET_HINT };
  if (socket !== undefined) return { reason: `it has the engine's socket in it: ${socket}`, hint };
  const data = contains(source, engineDirs) ?? lies(source, engineDirs);
  return data === undefined ? undefined : { reason: `the engine keeps its containers in ${data}`, hint };
}

const SOCKET_HINT = "an agent cannot start containers; do that on the host";

/** Homes of agents hold their secrets, those of other projects too. */
function stateProblem(source: string, { stateHome }: HostFacts): MountProblem | undefined {
  const hint = "mount only the directory that the agent needs, one that has nothing of devkit's in it";
  const around = contains(source, stateHome);
  if (around !== undefined) return { reason: `the secrets of all agents are in it: ${around}`, hint };
  const inside = lies(source, stateHome);
  return inside === undefined ? undefined : { reason: `it lies in ${inside}, which is devkit's own`, hint };
}

/** Whoever can write in the parent of a source can put a link in its place, and has any directory at the next start. */
function swapProblem(source: string, facts: HostFacts): MountProblem | undefined {
  const hint = "mount something that no agent can write, or keep it in a volume: NAME:/path";
  const worktree = lies(source, facts.worktrees);
  if (worktree !== undefined)
    return { reason: `an agent can write in ${worktree}: it could put a link there to anything`, hint };
  const inside = lies(source, facts.devkitDir);
  if (inside !== undefined) return { reason: `it lies in ${inside}, which is devkit's own`, hint };
  const place = facts.writable.find(({ path }) => path !== source && isWithin(source, path));
  return (
    place && { reason: `${place.by} can write in ${place.path}: it could put a link there to anything`, hint }
  );
}

/** Why it may not be mounted writable. */
export function trustProblem(source: string, { homes, trusted }: HostFacts): MountProblem | undefined {
  const found = lies(source, trusted) ?? contains(source, [...homes, ...trusted]) ?? dotEntry(source, homes);
  if (found === undefined) return undefined;
  const what =
    found === source ? "it is" : source.startsWith(found) ? `it lies in ${found},` : `${found} in it is`;
  return {
    reason: `${what} something that programs of the host read what to do from`,
    hint: "mount it read-only (:ro), or only the directory that the agent needs to write",
  };
}

/** `~/.cargo` of `~/.cargo/bin`. */
function dotEntry(source: string, homes: readonly string[]): string | undefined {
  const home = lies(source, homes);
  const name = home === undefined ? "" : (source.slice(home.length + 1).split("/")[0] ?? "");
  return name.startsWith(".") ? `${home ?? ""}/${name}` : undefined;
}

/** What there is at a path of the host. */
export type FoundPath =
  | { readonly kind: "missing" }
  | { readonly kind: "link"; readonly at: string; readonly realPath: string | undefined }
  | { readonly kind: "directory" | "file" | "socket" | "other" };

/** Why what is there cannot be mounted. */
export function foundProblem(source: string, found: FoundPath, rest: string): MountProblem | undefined {
  switch (found.kind) {
    case "missing":
      return { reason: `there is no ${source}`, hint: `make it first: mkdir -p ${source}` };
    case "link": {
      const hint =
        found.realPath === undefined ? "name a directory" : `resolve it: use ${found.realPath}:${rest}`;
      return { reason: `${found.at} is a symlink, which can be turned elsewhere`, hint };
    }
    case "socket":
      return { reason: "it is a socket, and behind it is a program of the host", hint: SOCKET_HINT };
    case "other":
      return { reason: "it is neither a file nor a directory", hint: "mount a file or a directory" };
    default:
      return undefined;
  }
}
