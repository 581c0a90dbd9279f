import { CONTAINER, idleBranch } from "../identity/names.js";
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
  readonly info: LentInfo;
}

/** Text of what decides beside the settings which files git shows, and how. */
export interface LentInfo {
  /** The user's own ignore file, then the repository's `info/exclude`: of two patterns that match, the later holds. */
  readonly exclude: string;
  /** `info/attributes`, which stands above those in the tree. */
  readonly attributes: string | undefined;
  /** The user's own attributes, which stand below. */
  readonly userAttributes: string | undefined;
  readonly sparseCheckout: string | undefined;
}

export interface PrivateGit {
  /** Undefined: HEAD is detached. */
  readonly branch: string | undefined;
  /** The commit HEAD is at. */
  readonly oid: string;
  readonly lent: LentHistory;
}

/** A submodule that an agent gets a git dir of its own for, inside its private one. */
export interface PrivateModule {
  /** Its path below `modules/`, the same in the primary: its name, for nested ones with `/modules/` in between. */
  readonly at: string;
  readonly git: PrivateGit;
  /** The index of its checkout; undefined when the agent's commit has none of it. */
  readonly indexFile: string | undefined;
}

/** A submodule that the host has checked out in an agent's worktree. */
export interface ModuleCheckout {
  readonly at: string;
  readonly oid: string;
  readonly indexFile: string;
}

/**
 * The files of a new private git dir (gitrepository-layout(5)), relative path → content. Written directly because it
 * takes one git process for all agents instead of several for each; `docs/adr/0004` has the numbers.
 */
export function privateGitFiles(
  git: PrivateGit,
  containerPath: string = CONTAINER.git,
): Record<string, string> {
  const { lent, branch } = git;
  const own = branch === undefined ? [] : [[`refs/heads/${branch}`, git.oid] as const];
  const refs = new Map([...lent.refs, ...own]);
  const packed = [...refs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([ref, oid]) => `${oid} ${ref}\n`);
  const { info } = lent;
  return {
    HEAD: branch === undefined ? `${git.oid}\n` : `ref: refs/heads/${branch}\n`,
    config: formatGitConfig([...coreConfig(lent, containerPath), ...lent.config]),
    "objects/info/alternates": `${lent.objectsDir}\n`,
    "objects/pack/.keep-dir": "",
    "refs/heads/.keep-dir": "",
    "refs/tags/.keep-dir": "",
    "info/exclude": `${endLine(info.exclude)}/.devkit/\n`,
    "packed-refs": packed.join(""),
    ...(info.attributes === undefined ? {} : { "info/attributes": info.attributes }),
    ...(info.userAttributes === undefined ? {} : { [USER_ATTRIBUTES]: info.userAttributes }),
    ...(info.sparseCheckout === undefined ? {} : { "info/sparse-checkout": info.sparseCheckout }),
    ...(lent.shallow === undefined ? {} : { shallow: lent.shallow }),
  };
}

const USER_ATTRIBUTES = "info/user-attributes";

function endLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function coreConfig({ objectFormat, config, info }: LentHistory, containerPath: string): GitConfigEntry[] {
  const sha256 = objectFormat === "sha256";
  const hasExtensions = sha256 || config.some(({ key }) => key.startsWith("extensions."));
  const userAttributes = `${containerPath}/${USER_ATTRIBUTES}`;
  return [
    { key: "core.repositoryformatversion", value: hasExtensions ? "1" : "0" },
    ...(sha256 ? [{ key: "extensions.objectformat", value: "sha256" }] : []),
    { key: "core.bare", value: "false" },
    { key: "core.logallrefupdates", value: "true" },
    ...(info.userAttributes === undefined ? [] : [{ key: "core.attributesfile", value: userAttributes }]),
  ];
}

/** Whether the branch is one a new agent may start on. */
export function startBranch(agent: AgentRef, observed: string | undefined): string {
  return observed !== undefined && observed.startsWith(`agent/${agent.name}/`) ? observed : idleBranch(agent);
}
