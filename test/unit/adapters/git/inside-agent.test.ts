import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { findInsideAgent } from "../../../../src/adapters/git/inside-agent.js";
import { locateProject } from "../../../../src/adapters/git/locate-project.js";
import { createGitWorktrees } from "../../../../src/adapters/git/worktrees.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

let repo: Repo;
let worktree: string;

const add = async (from: Repo, at: string) => {
  await createGitWorktrees(from).add({
    worktree: at,
    branch: "agent/agent-2/idle",
    start: "HEAD",
    reason: "devkit agent-2",
  });
  await createGitWorktrees(from).checkout(at);
};

/** Beside the primary, as in layout dev-root. */
beforeEach(async () => {
  repo = await createRepo({ at: "dev/demo" });
  worktree = path.join(repo.root, "../agent2/demo");
  await add(repo, worktree);
});

describe("in a worktree beside the primary", () => {
  test.each([".", "src", "src/deep/er"])("devkit refuses at %s, and says where to go", async (below) => {
    await mkdir(path.join(worktree, below), { recursive: true });
    const error = await errorOf(locateProject(path.join(worktree, below)));
    expect(error).toMatchObject({ code: "E_INSIDE_AGENT", exitCode: 2 });
    expect(error.message).toContain("agent-2");
    expect(error.hint).toContain(repo.root);
  });

  test("no git runs in a repository that an agent made there", async () => {
    const own = path.join(worktree, "mine");
    await mkdir(own);
    await gitIn(own, "init", "-q");
    const canary = path.join(repo.root, "../canary");
    await gitIn(own, "config", "core.fsmonitor", `touch '${canary}'`);
    await gitIn(own, "config", "core.worktree", "/nowhere");
    expect((await errorOf(locateProject(own))).code).toBe("E_INSIDE_AGENT");
  });

  test("also without its .git file, and with one that leads elsewhere", async () => {
    await rm(path.join(worktree, ".git"));
    await mkdir(path.join(worktree, ".git"));
    expect((await errorOf(locateProject(worktree))).code).toBe("E_INSIDE_AGENT");
    await rm(path.join(worktree, ".git"), { recursive: true });
    await writeFile(path.join(worktree, ".git"), "gitdir: /nowhere\n");
    expect((await errorOf(locateProject(worktree))).code).toBe("E_INSIDE_AGENT");
  });

  test("that was moved somewhere else", async () => {
    const moved = path.join(repo.root, "../moved");
    await repo.git("worktree", "move", "-f", "-f", worktree, moved);
    expect(await findInsideAgent(moved)).toMatchObject({ name: "agent-2", worktree: moved });
  });
});

test("of a repository whose git dir is elsewhere", async () => {
  const gitDir = path.join(repo.root, "../git dirs/one");
  await mkdir(path.dirname(gitDir));
  const other = await createRepo({ at: "dev/sub", init: [`--separate-git-dir=${gitDir}`] });
  const at = path.join(other.root, "../agent2/sub");
  await add({ ...other, commonDir: gitDir }, at);
  expect(await findInsideAgent(at)).toMatchObject({ name: "agent-2" });
  await rm(path.join(at, ".git"));
  expect(await findInsideAgent(path.join(at, "src"))).toMatchObject({ name: "agent-2", root: other.root });
});

test("a worktree of the user's own in such a place, and a repository there, are theirs", async () => {
  const mine = path.join(repo.root, "../agent3/demo");
  await repo.git("worktree", "add", "-q", mine);
  expect(await locateProject(mine)).toEqual({ root: repo.root, commonDir: repo.commonDir });
  const clone = await createRepo({ at: "dev/agent4/demo" });
  expect((await locateProject(clone.root)).root).toBe(clone.root);
});
