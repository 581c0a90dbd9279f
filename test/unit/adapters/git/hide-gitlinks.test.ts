import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { createGitHistory } from "../../../../src/adapters/git/history.js";
import { createGitWorktrees } from "../../../../src/adapters/git/worktrees.js";
import type { Worktrees } from "../../../../src/app/ports.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { tempDir } from "../../support/temp.js";

const NAMES = ["lib", "näme with space", '"quoted"'];
const REQUEST = { branch: "agent/agent-1/idle", start: "HEAD", reason: "devkit agent-1" };

let repo: Repo;
let worktrees: Worktrees;
let worktree: string;
let lib: Repo;
let canary: string;

beforeEach(async () => {
  repo = await createRepo();
  lib = await createRepo({ at: "lib", files: { l: "l" } });
  canary = path.join(await tempDir(), "canary");
  await gitIn(repo.root, "config", "--global", "protocol.file.allow", "always");
  for (const name of NAMES) await repo.git("submodule", "--quiet", "add", lib.root, name);
  await repo.commit("submodules");
  worktrees = createGitWorktrees(repo);
  worktree = path.join(repo.root, ".devkit/agents/agent-1");
  await worktrees.add({ ...REQUEST, worktree });
  await worktrees.checkout(worktree);
});

/** What an agent can do where it may write: a repository in each submodule's place, and names that no setting foresees. */
async function replaceModules(): Promise<void> {
  for (const [position, name] of NAMES.entries()) {
    const place = path.join(worktree, name);
    await rm(place, { recursive: true, force: true });
    await cp(lib.root, place, { recursive: true });
    await gitIn(place, "config", "core.fsmonitor", `touch '${canary}'`);
    await utimes(path.join(place, "l"), 1, 1);
    const key = `submodule.evil${String(position)}`;
    await gitIn(worktree, "config", "-f", ".gitmodules", `${key}.path`, name);
    await gitIn(worktree, "config", "-f", ".gitmodules", `${key}.ignore`, "none");
  }
}

/** Whether any look that a user takes, with no care at all, runs an agent's program. */
async function looksSafe(): Promise<boolean> {
  const looks = ["status", "diff", "diff HEAD", "diff main --stat", "add -u", "stash", "commit -qam x"];
  const settings = ["-c", "diff.submodule=diff", "-c", "status.submoduleSummary=true"];
  for (const look of looks) {
    await replaceModules();
    await promisify(execFile)("git", [...settings, ...look.split(" ")], { cwd: worktree }).catch(() => "");
  }
  return !existsSync(canary);
}

test("git does run an agent's program where nothing is hidden", async () => {
  const input = `${NAMES.join("\0")}\0`;
  const running = promisify(execFile)("git", ["update-index", "-z", "--no-assume-unchanged", "--stdin"], {
    cwd: worktree,
  });
  running.child.stdin?.end(input);
  await running;
  expect(await looksSafe()).toBe(false);
});

describe("the user's own git stays out of an agent's submodules", () => {
  test("after the checkout", async () => {
    expect(await looksSafe()).toBe(true);
  });

  test("after HEAD has moved to a commit with other submodules", async () => {
    await lib.commit("newer");
    for (const name of NAMES) await gitIn(path.join(repo.root, name), "pull", "-q", "origin", "main");
    await repo.git("submodule", "--quiet", "add", lib.root, "another");
    await repo.git("commit", "-qam", "bump");
    await repo.git("update-ref", "refs/heads/agent/agent-1/idle", "main");
    await createGitHistory(repo).moveHead(worktree, "refs/heads/agent/agent-1/idle");
    expect(await gitIn(worktree, "diff", "--cached")).toBe("");
    const marks = (await gitIn(worktree, "ls-files", "-v", "-z")).split("\0");
    expect(marks.filter((line) => line.startsWith("h "))).toHaveLength(NAMES.length + 1);
    expect(await looksSafe()).toBe(true);
  });

  test("after its index was lost, or its registration", async () => {
    await rm(path.join(repo.commonDir, "worktrees/agent-1/index"));
    await worktrees.reindex(worktree);
    expect(await looksSafe()).toBe(true);
    await rm(path.join(repo.commonDir, "worktrees/agent-1"), { recursive: true });
    await worktrees.adopt({ ...REQUEST, worktree });
    expect(await looksSafe()).toBe(true);
  });

  test("after the user's git has read it anew", async () => {
    await gitIn(worktree, "read-tree", "HEAD");
    await worktrees.hideModules(worktree);
    expect(await looksSafe()).toBe(true);
  });
});

test("the agent's own index shows them", async () => {
  const index = (await worktrees.findIndex(worktree)) ?? "";
  const env = { ...process.env, GIT_INDEX_FILE: index };
  const { stdout } = await promisify(execFile)("git", ["ls-files", "-v"], { cwd: worktree, env });
  expect(stdout).not.toMatch(/^h/m);
  expect(stdout).toMatch(/^H lib$/m);
});

test("a file changed in the second in which the index was written still shows as changed", async () => {
  for (const [key, value] of Object.entries({ trustctime: "false", checkStat: "minimal" }))
    await repo.git("config", `core.${key}`, value);
  const [file, index] = [
    path.join(worktree, "README.md"),
    path.join(repo.commonDir, "worktrees/agent-1/index"),
  ];
  const then = new Date(Math.floor(Date.now() / 1000 - 60) * 1000);
  await utimes(file, then, then);
  await gitIn(worktree, "update-index", "--refresh");
  await writeFile(file, "# dEmo\n");
  for (const one of [file, index]) await utimes(one, then, then);
  await createGitHistory(repo).moveHead(worktree, "refs/heads/agent/agent-1/idle");
  expect(await gitIn(worktree, "status", "--porcelain")).toBe(" M README.md");
  for (const one of [file, index]) await utimes(one, then, then);
  const env = { ...process.env, GIT_INDEX_FILE: await worktrees.findIndex(worktree) };
  const { stdout } = await promisify(execFile)("git", ["status", "--porcelain"], { cwd: worktree, env });
  expect(stdout).toContain(" M README.md");
});

test("while another git writes the index, it stays as it is", async () => {
  const admin = path.join(repo.commonDir, "worktrees/agent-1");
  await writeFile(path.join(admin, "index.lock"), "");
  const moving = createGitHistory(repo).moveHead(worktree, "refs/heads/agent/agent-1/idle");
  await expect(moving).rejects.toMatchObject({ code: "E_GIT" });
  expect(await readdir(admin)).toContain("index.lock");
});
