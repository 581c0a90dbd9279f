import { withoutSecrets } from "../identity/credentials.js";
import { idleBranch } from "../identity/names.js";
import type { AgentRef } from "../agents/agent.js";
import { formatGitConfig, type GitConfigEntry } from "./git-config.js";

/** What the primary lends to every private git dir. */
export interface LentHistory {
  readonly objectFormat: "sha1" | "sha256";
  /** The primary's object directory, real path. */
  readonly objectsDir: string;
  /** `refs/remotes/*` and tags: full name → object id. */
  readonly refs: ReadonlyMap<string, string>;
  /** Text of the primary's `shallow` file, when its history is cut off. */
  readonly shallow: string | undefined;
  /** Settings of the primary that decide what a checked-out file looks like, and `remote.origin.*`. */
  readonly config: readonly GitConfigEntry[];
}

export interface PrivateGit {
  readonly branch: string;
  /** The commit the branch is at. */
  readonly oid: string;
  readonly lent: LentHistory;
}

/**
 * The files of a new private git dir (gitrepository-layout(5)), relative path → content. Written directly because it
 * takes one git process for all agents instead of several for each; `docs/adr/0004` has the numbers.
 */
export function privateGitFiles(git: PrivateGit): Record<string, string> {
  const { lent } = git;
  const refs = new Map([...lent.refs, [`refs/heads/${git.branch}`, git.oid]]);
  const packed = [...refs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([ref, oid]) => `${oid} ${ref}\n`);
  return {
    HEAD: `ref: refs/heads/${git.branch}\n`,
    config: formatGitConfig([...coreConfig(lent.objectFormat), ...lent.config]),
    "objects/info/alternates": `${lent.objectsDir}\n`,
    "objects/pack/.keep-dir": "",
    "refs/heads/.keep-dir": "",
    "refs/tags/.keep-dir": "",
    "info/exclude": "/.devkit/\n",
    "packed-refs": packed.join(""),
    ...(lent.shallow === undefined ? {} : { shallow: lent.shallow }),
  };
}

function coreConfig(objectFormat: LentHistory["objectFormat"]): GitConfigEntry[] {
  const sha256 = objectFormat === "sha256";
  return [
    { key: "core.repositoryformatversion", value: sha256 ? "1" : "0" },
    ...(sha256 ? [{ key: "extensions.objectformat", value: "sha256" }] : []),
    { key: "core.bare", value: "false" },
    { key: "core.logallrefupdates", value: "true" },
  ];
}

/** Effective settings of the primary that a private git dir takes over; everything else stays with the host. */
export function lentConfig(entries: readonly GitConfigEntry[]): GitConfigEntry[] {
  const core = new Map<string, GitConfigEntry>();
  const remote: GitConfigEntry[] = [];
  for (const entry of entries) {
    const isCore = /^core\.(filemode|autocrlf|eol|safecrlf|ignorecase|precomposeunicode|symlinks)$/.test(
      entry.key,
    );
    // The last of a single-valued setting holds; a remote may have several URLs and refspecs.
    if (isCore) core.set(entry.key, entry);
    else if (entry.key === "remote.origin.url")
      remote.push({ key: entry.key, value: withoutSecrets(entry.value) });
    else if (entry.key === "remote.origin.fetch") remote.push(entry);
  }
  return [...core.values(), ...remote];
}

/** Whether the branch is one a new agent may start on. */
export function startBranch(agent: AgentRef, observed: string | undefined): string {
  return observed !== undefined && observed.startsWith(`agent/${agent.name}/`) ? observed : idleBranch(agent);
}
