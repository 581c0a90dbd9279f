import { withoutSecrets } from "../identity/credentials.js";
import type { GitConfigEntry } from "./git-config.js";

/** Settings with one value, of which the last holds: they decide what a checked-out file looks like. */
const SINGLE = [
  /^core\.(filemode|autocrlf|eol|safecrlf|ignorecase|precomposeunicode|symlinks|trustctime|checkstat)$/,
  /^core\.sparsecheckout(cone)?$/,
  /^index\.sparse$/,
  // Whether its program is there is the image's business: a filter that is required fails loudly, where one that is
  // not known would let an agent commit in clear what the primary encrypts.
  /^filter\..+\.(clean|smudge|process|required)$/,
  // Which submodules are in use; never a command (`submodule.*.update` can be one).
  /^submodule\.(active|.+\.(active|branch|ignore))$/,
  /^extensions\.partialclone$/,
];

/** Effective settings of the primary that a private git dir takes over; everything else stays with the host. */
export function lentConfig(entries: readonly GitConfigEntry[]): GitConfigEntry[] {
  const single = new Map<string, GitConfigEntry>();
  const remote: GitConfigEntry[] = [];
  const remotes = new Set(["origin", promisorRemote(entries)]);
  for (const { key, value } of entries) {
    const [, name, setting] = /^remote\.(.+)\.(url|fetch|promisor|partialclonefilter)$/.exec(key) ?? [];
    if (SINGLE.some((pattern) => pattern.test(key))) single.set(key, { key, value });
    else if (key === "core.hookspath" && isInTree(value)) single.set(key, { key, value });
    else if (/^submodule\..+\.url$/.test(key)) single.set(key, { key, value: withoutSecrets(value) });
    // A remote may have several URLs and refspecs.
    else if (name !== undefined && remotes.has(name))
      remote.push({ key, value: setting === "url" ? withoutSecrets(value) : value });
  }
  return [...single.values(), ...remote];
}

/** The remote that a partial clone has what is missing from; undefined for any other repository. */
export function promisorRemote(entries: readonly GitConfigEntry[]): string | undefined {
  const named = entries.findLast(({ key }) => key === "extensions.partialclone")?.value;
  if (named !== undefined) return named;
  const promising = entries.find(({ key, value }) => /^remote\..+\.promisor$/.test(key) && value === "true");
  return promising?.key.slice("remote.".length, -".promisor".length);
}

/** Hooks that are files of the repository (husky keeps them there) are the agent's own code, run in its container. */
function isInTree(hooksPath: string): boolean {
  return !/^[/~%]/.test(hooksPath) && !hooksPath.split("/").includes("..");
}
