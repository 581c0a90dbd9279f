import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { History } from "../../app/ports.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { parseGitConfigList } from "../../domain/custody/git-config.js";
import type { HostRefs } from "../../domain/custody/sync-plan.js";
import { baseRef, LENT_REFS } from "../../domain/identity/names.js";
import { findLentDirs, findLfsStore } from "./lent-dirs.js";
import { createModuleGit, findCheckedOut, findModuleDirs } from "./module-dirs.js";
import { loadLent } from "./lent-history.js";
import { createModuleRefs } from "./ref-store.js";
import { moveHead } from "./move-head.js";
import { moveRefs } from "./move-refs.js";
import { ownObjects } from "./object-view.js";
import { createGit, type RunGit } from "./run-git.js";
import { takeCommits } from "./take-commits.js";
import { findConnected, findFaults } from "./verify-tips.js";

/** The primary's history through git itself. */
export function createGitHistory(places: { root: string; commonDir: string }): History {
  return historyOf(places, createGit(places.root));
}

function historyOf(places: { root: string; commonDir: string }, git: RunGit): History {
  const { root, commonDir } = places;
  const config = async () => parseGitConfigList(await git("config", "--null", "--list"));
  return {
    requireCommit: (revision) => requireCommit(git, root, revision),
    config,
    lent: async (start) => loadLent({ git, commonDir }, start, await config()),
    objectDirs: () => findLentDirs(git, commonDir),
    findLfsStore: () => findLfsStore(git, commonDir),
    async modules() {
      return (await findModuleDirs(commonDir)).map(({ at, gitDir }) => ({
        at,
        history: historyOf({ root: gitDir, commonDir: gitDir }, createModuleGit(gitDir)),
        refs: createModuleRefs(gitDir),
        checkedOut: () => findCheckedOut(gitDir),
      }));
    },
    async agentRefs() {
      return groupByAgent(await listRefs(git, "refs/heads/agent", "refs/devkit/detached"));
    },
    async findRef(ref) {
      return (await listRefs(git, ref)).get(ref);
    },
    async setRef(ref, oid) {
      await git("update-ref", ref, oid);
    },
    lend: (agent, oid) => lend(git, agent, oid),
    connected: (oids) => findConnected(ownObjects(commonDir), oids),
    faults: (oids, allowsGitlinks) => findFaults(ownObjects(commonDir), oids, allowsGitlinks),
    take: (bundle) => takeCommits(commonDir, bundle),
    moveRefs: (request) => moveRefs(commonDir, request),
    moveHead: (worktree, head) => moveHead(places, worktree, head),
    async checkoutSize(commit) {
      const listing = await git("ls-tree", "-r", "--format=%(objectsize)", commit);
      return listing.split("\n").reduce((sum, line) => sum + (Number(line) || 0), 0);
    },
    ignoreLocally: (pattern) => ignoreLocally(commonDir, pattern),
  };
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

/** The base ref where it can follow; a ref of its own where what was borrowed before would lose its hold. */
async function lend(git: RunGit, agent: AgentRef, oid: string): Promise<void> {
  const base = baseRef(agent);
  const current = (await listRefs(git, base)).get(base);
  const isForward =
    current === undefined || (await git("rev-list", "--count", current, `^${oid}`)).trim() === "0";
  await git("update-ref", isForward ? base : `${LENT_REFS}${oid}`, oid);
}

async function ignoreLocally(commonDir: string, pattern: string): Promise<void> {
  const file = path.join(commonDir, "info", "exclude");
  const text = await readFile(file, "utf8").catch(() => "");
  if (text.split("\n").includes(pattern)) return;
  await mkdir(path.dirname(file), { recursive: true });
  await appendFile(file, `${text === "" || text.endsWith("\n") ? "" : "\n"}${pattern}\n`);
}
