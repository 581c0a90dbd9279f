import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { pullWorktrees } from "../../../../src/app/worktrees/pull.js";
import { pushWorktrees } from "../../../../src/app/worktrees/push.js";
import { describeWorktrees } from "../../../../src/app/worktrees/status.js";
import type { SyncedWorktree } from "../../../../src/app/worktrees/sync.js";
import { createRepo, describeRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";
import { createRig, type Rig } from "../../support/worktrees.js";

let repo: Repo;
let origin: string;
let rig: Rig;

beforeEach(async () => {
  repo = await createRepo();
  origin = path.join(repo.root, "../origin.git");
  await repo.git("clone", "-q", "--bare", repo.root, origin);
  await repo.git("remote", "add", "origin", origin);
  await repo.git("push", "-q", "-u", "origin", "main");
  rig = await createRig(repo);
});

const { signal } = new AbortController();
const pull = (...selectors: string[]) => pullWorktrees(rig.deps, { selectors, base: "HEAD", signal });
const push = (...selectors: string[]) => pushWorktrees(rig.deps, { selectors, base: "HEAD", signal });
const told = (all: readonly SyncedWorktree[]) =>
  all.map(({ agent, result, error }) => [agent.index, result, error?.code]);
const head = (index: number) => gitIn(rig.at(index), "rev-parse", "HEAD");

async function commitIn(index: number, file: string): Promise<string> {
  await writeFile(path.join(rig.at(index), file), file);
  await gitIn(rig.at(index), "add", file);
  await gitIn(rig.at(index), "commit", "-q", "-m", file);
  return head(index);
}

/** A commit that only the remote has. */
async function commitElsewhere(branch: string): Promise<string> {
  const other = path.join(repo.root, "../other");
  await repo.git("clone", "-q", "-b", branch, origin, other);
  await writeFile(path.join(other, "theirs"), branch);
  await gitIn(other, "add", "theirs");
  await gitIn(other, "commit", "-q", "-m", "theirs");
  await gitIn(other, "push", "-q");
  return gitIn(other, "rev-parse", "HEAD");
}

describe("pull", () => {
  test("moves clean worktrees to where the remote has the base, and leaves the others as they are", async () => {
    await rig.init(5);
    const theirs = await commitElsewhere("main");
    await writeFile(path.join(rig.at(2), "README.md"), "mine");
    const own = await commitIn(3, "own");
    await gitIn(rig.at(4), "checkout", "-q", "--detach");
    // git itself refuses to write over it.
    await writeFile(path.join(rig.at(5), "theirs"), "precious");
    const main = await repo.git("rev-parse", "main");
    expect(told(await pull())).toEqual([
      [1, "moved", undefined],
      [2, "left", "E_WORK_IN_THE_WAY"],
      [3, "left", "E_DIVERGED"],
      [4, "left", "E_WORK_IN_THE_WAY"],
      [5, "left", "E_GIT"],
    ]);
    expect(await head(1)).toBe(theirs);
    expect(await gitIn(rig.at(1), "status", "--porcelain")).toBe("");
    expect(await gitIn(rig.at(2), "status", "--porcelain")).toBe(" M README.md");
    expect([await head(2), await head(3), await head(5)]).toEqual([main, own, main]);
    expect(await repo.git("rev-parse", "main")).toBe(main);
    expect(told(await pull("1"))).toEqual([[1, "current", undefined]]);
  });

  test("to the base itself when that is ahead of its remote", async () => {
    await rig.init(1);
    const ahead = await repo.commit("not pushed");
    expect(told(await pull())).toEqual([[1, "moved", undefined]]);
    expect(await head(1)).toBe(ahead);
  });

  test("to the upstream of a branch that has one", async () => {
    await rig.init(1);
    await commitIn(1, "own");
    await gitIn(rig.at(1), "push", "-q", "-u", "origin", "HEAD");
    const theirs = await commitElsewhere("agent/agent-1/idle");
    expect(told(await pull())).toEqual([[1, "moved", undefined]]);
    expect(await head(1)).toBe(theirs);
  });

  test("passes over agents, and refuses one that was named", async () => {
    await rig.up(1);
    await rig.init(2);
    await repo.commit("news");
    expect(told(await pull())).toEqual([
      [1, "left", undefined],
      [2, "moved", undefined],
    ]);
    expect(told(await pull("1"))).toEqual([[1, "left", "E_AGENT_WORKTREE"]]);
    expect(await errorOf(pull("9"))).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
  });

  test("from a remote that does not answer changes nothing", async () => {
    await rig.init(1);
    await repo.commit("news");
    await repo.git("remote", "set-url", "origin", "/nowhere");
    const before = await describeRepo(repo);
    expect((await errorOf(pull())).hint).toContain("git ls-remote origin");
    expect(await describeRepo(repo)).toBe(before);
  });
});

describe("push", () => {
  const remote = () => gitIn(origin, "for-each-ref", "--format=%(refname:short)");

  test("each branch under its own name, and only those with something of their own", async () => {
    await rig.init(3, { prefix: "agent" });
    await commitIn(1, "one");
    await commitIn(2, "two");
    await writeFile(path.join(rig.at(2), "left"), "x");
    const main = await gitIn(origin, "rev-parse", "main");
    expect(await push()).toMatchObject([
      { result: "pushed", note: undefined },
      { result: "pushed", note: "1 file not committed" },
      { result: "current" },
    ]);
    expect(await remote()).toBe("agent1/main\nagent2/main\nmain");
    expect(await gitIn(origin, "rev-parse", "main")).toBe(main);
    expect(told(await push("1"))).toEqual([[1, "current", undefined]]);
  });

  test("never by force: what others pushed stays, and the rest is pushed all the same", async () => {
    await rig.init(2);
    await commitIn(1, "first");
    await push();
    const theirs = await commitElsewhere("agent/agent-1/idle");
    await commitIn(1, "second");
    await commitIn(2, "two");
    expect(told(await push())).toEqual([
      [1, "left", "E_DIVERGED"],
      [2, "pushed", undefined],
    ]);
    expect(await gitIn(origin, "rev-parse", "agent/agent-1/idle")).toBe(theirs);
  });

  test("never a branch that others build on", async () => {
    await rig.init(1);
    await repo.git("switch", "-q", "-c", "elsewhere");
    await repo.git("remote", "set-head", "origin", "main");
    await gitIn(rig.at(1), "switch", "-q", "main");
    await commitIn(1, "on main");
    expect(told(await push())).toEqual([[1, "left", "E_SHARED_BRANCH"]]);
    expect(await gitIn(origin, "log", "-1", "--format=%s", "main")).toBe("first");
  });

  test("refuses an agent, and a repository without a remote", async () => {
    await rig.up(1);
    expect(told(await push("1"))).toEqual([[1, "left", "E_AGENT_WORKTREE"]]);
    await repo.git("remote", "remove", "origin");
    expect(await errorOf(push())).toMatchObject({ code: "E_NO_REMOTE", exitCode: 4 });
  });
});

test("status counts files and commits, and names what git is in the middle of", async () => {
  await rig.init(2);
  await commitIn(1, "own");
  await gitIn(rig.at(1), "push", "-q", "-u", "origin", "HEAD");
  await commitIn(1, "more");
  await writeFile(path.join(rig.at(1), "README.md"), "changed");
  await writeFile(path.join(rig.at(1), "new"), "x");
  await gitIn(rig.at(1), "bisect", "start");
  await repo.commit("news");
  expect(await describeWorktrees(rig.deps, [], "HEAD")).toMatchObject([
    {
      files: { changed: 1, untracked: 1 },
      unfinished: "bisect",
      base: { ahead: 2, behind: 1 },
      upstream: { ref: "refs/remotes/origin/agent/agent-1/idle", ahead: 1, behind: 0 },
      commit: { subject: "more" },
    },
    { files: { changed: 0, untracked: 0 }, base: { ahead: 0, behind: 1 }, upstream: undefined },
  ]);
});
