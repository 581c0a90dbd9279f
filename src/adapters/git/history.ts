import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { History } from "../../app/ports.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { parseGitConfigList, type GitConfigEntry } from "../../domain/custody/git-config.js";
import { lentConfig, type LentHistory } from "../../domain/custody/private-git.js";
import type { HostRefs, RefUpdate } from "../../domain/custody/sync-plan.js";
import { findObjectDirs } from "./alternates.js";
import { importBundle } from "./import-bundle.js";
import { createGit, type RunGit } from "./run-git.js";
import { findAdminDir } from "./worktree-admin.js";

/** The primary's history through git itself. */
export function createGitHistory(places: { root: string; commonDir: string }): History {
  const { root, commonDir } = places;
  const git = createGit(root);
  const config = async () => parseGitConfigList(await git("config", "--null", "--list"));
  return {
    requireCommit: (revision) => requireCommit(git, root, revision),
    config,
    lent: async () => loadLent(git, commonDir, await config()),
    objectDirs: () => findObjectDirs(commonDir),
    async agentRefs() {
      return groupByAgent(await listRefs(git, "refs/heads/agent", "refs/devkit/detached"));
    },
    async findRef(ref) {
      return (await listRefs(git, ref)).get(ref);
    },
    async setRef(ref, oid) {
      await git("update-ref", ref, oid);
    },
    existing: (oids) => existing(git, oids),
    isAncestor: (older, newer) => isAncestor(git, older, newer),
    forward: (update) => forward(git, update),
    async fetchBundle(file, updates) {
      await importBundle(commonDir, file);
      for (const update of updates) await forward(git, update);
    },
    moveHead: (worktree, head) => moveHead(places, worktree, head),
    async checkoutSize(commit) {
      const listing = await git("ls-tree", "-r", "--format=%(objectsize)", commit);
      return listing.split("\n").reduce((sum, line) => sum + (Number(line) || 0), 0);
    },
    ignoreLocally: (pattern) => ignoreLocally(commonDir, pattern),
  };
}

async function loadLent(
  git: RunGit,
  commonDir: string,
  config: readonly GitConfigEntry[],
): Promise<LentHistory> {
  const [format, refs, shallow, objects] = await Promise.all([
    git("rev-parse", "--show-object-format"),
    listRefs(git, "refs/remotes", "refs/tags"),
    readFile(path.join(commonDir, "shallow"), "utf8").catch(() => undefined),
    findObjectDirs(commonDir),
  ]);
  const objectFormat = format.trim() === "sha256" ? "sha256" : "sha1";
  return {
    objectFormat,
    refs,
    shallow,
    config: lentConfig(config),
    objectsDir: objects[0]?.containerPath ?? "",
  };
}

async function moveHead(
  places: { root: string; commonDir: string },
  worktree: string,
  head: string,
): Promise<void> {
  const admin = await findAdminDir(places.commonDir, worktree);
  if (admin === undefined) throw new DevkitError("E_GIT", `git does not know the worktree ${worktree}`);
  const linked = createGit(places.root, admin);
  if (head.startsWith("refs/")) await linked("symbolic-ref", "HEAD", head);
  else await linked("update-ref", "--no-deref", "HEAD", head);
  await linked("read-tree", "HEAD");
}

async function requireCommit(git: RunGit, root: string, revision: string): Promise<string> {
  try {
    return (await git("rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`)).trim();
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_GIT") throw error;
    if (revision !== "HEAD") {
      throw new DevkitError("E_NO_COMMIT", `"${revision}" is not a commit of this repository`, {
        hint: "set [project] base in devkit.toml to a branch, tag or commit that exists: git branch --all",
        cause: error,
      });
    }
    throw new DevkitError("E_NO_COMMIT", `${root} has no commit yet`, {
      hint: "agents branch from a commit; make the first one: git commit --allow-empty -m start",
      cause: error,
    });
  }
}

async function listRefs(git: RunGit, ...patterns: string[]): Promise<Map<string, string>> {
  const text = await git("for-each-ref", "--format=%(objectname) %(refname)", ...patterns);
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))]));
}

function groupByAgent(refs: ReadonlyMap<string, string>): Map<string, HostRefs> {
  const groups = new Map<string, Map<string, string>>();
  for (const [ref, oid] of refs) {
    const name = /^refs\/(?:heads\/agent|devkit\/detached)\/([^/]+)/.exec(ref)?.[1];
    if (name === undefined) continue;
    const group = groups.get(name) ?? new Map<string, string>();
    groups.set(name, group.set(ref, oid));
  }
  return groups;
}

/** Moves a ref that only goes forward. False: it has commits of its own, cannot be made, or the commit is not here. */
async function forward(git: RunGit, { to, oid }: RefUpdate): Promise<boolean> {
  if (!(await existing(git, [oid])).has(oid)) return false;
  const current = (await listRefs(git, to)).get(to);
  if (current !== undefined && !(await isAncestor(git, current, oid))) return false;
  try {
    // Only if it still is where it was looked at; an empty old value means that it must not exist.
    await git("update-ref", to, oid, current ?? "");
    return true;
  } catch (error) {
    // A ref in the way of another's directory, or one that moved meanwhile, must not keep the others home.
    if (isDevkitError(error) && error.code === "E_GIT") return false;
    throw error;
  }
}

async function existing(git: RunGit, oids: readonly string[]): Promise<ReadonlySet<string>> {
  if (oids.length === 0) return new Set();
  const found = await git("rev-list", "--no-walk", "--ignore-missing", ...oids);
  return new Set(found.split("\n").filter((line) => line !== ""));
}

async function isAncestor(git: RunGit, older: string, newer: string): Promise<boolean> {
  return (await git("rev-list", "--count", older, `^${newer}`)).trim() === "0";
}

async function ignoreLocally(commonDir: string, pattern: string): Promise<void> {
  const file = path.join(commonDir, "info", "exclude");
  const text = await readFile(file, "utf8").catch(() => "");
  if (text.split("\n").includes(pattern)) return;
  await mkdir(path.dirname(file), { recursive: true });
  await appendFile(file, `${text === "" || text.endsWith("\n") ? "" : "\n"}${pattern}\n`);
}
