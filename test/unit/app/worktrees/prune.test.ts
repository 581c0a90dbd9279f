import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { pruneWorktrees } from "../../../../src/app/worktrees/prune.js";
import { createRepo, describeRepo, gitIn, type Repo } from "../../support/repo.js";
import { createRig, type Rig } from "../../support/worktrees.js";

let repo: Repo;
let rig: Rig;

beforeEach(async () => {
  repo = await createRepo();
  rig = await createRig(repo);
});

const { signal } = new AbortController();
const prune = async (apply: boolean, prefix?: string, day = "2026-01-02") => {
  const now = new Date(`${day}T03:04:05Z`);
  return pruneWorktrees(rig.deps, { base: "HEAD", prefix, apply, now, signal });
};
const verdicts = async (apply = false) =>
  (await prune(apply)).map(({ agent, removable, reasons }) =>
    [agent.index, removable ? "may go" : "kept", ...reasons.map(({ reason }) => reason)].join(" "),
  );

async function commitIn(index: number, file: string): Promise<void> {
  await writeFile(path.join(rig.at(index), file), file);
  await gitIn(rig.at(index), "add", file);
  await gitIn(rig.at(index), "commit", "-q", "-m", file);
}

test("says of each why it is kept or may go, in numeric order, and changes nothing", async () => {
  await rig.init(10);
  await commitIn(1, "unlanded");
  await commitIn(2, "squashed");
  await repo.git("merge", "-q", "--squash", "agent/agent-2/idle");
  await repo.commit("squash");
  await writeFile(path.join(rig.at(3), "README.md"), "changed");
  await writeFile(path.join(rig.at(4), "untracked"), "x");
  await repo.git("worktree", "unlock", rig.at(5));
  await repo.git("worktree", "lock", "--reason", "mine", rig.at(5));
  await rm(rig.at(6), { recursive: true });
  await commitIn(7, "more");
  await gitIn(rig.at(7), "checkout", "-q", "--detach");
  await gitIn(rig.at(7), "commit", "-q", "--allow-empty", "-m", "on no branch");
  await gitIn(rig.at(8), "bisect", "start");
  await rm(path.join(rig.at(9), ".git"));
  const before = await describeRepo(repo);
  expect(await verdicts()).toEqual([
    "1 kept unlanded",
    "2 may go tree",
    "3 kept changed",
    "4 kept untracked",
    "5 kept locked",
    "6 may go missing",
    "7 kept unlanded",
    "8 kept unfinished",
    "9 kept broken",
    "10 may go ancestor",
  ]);
  expect(await describeRepo(repo)).toBe(before);
});

test("removes only what may go, and keeps the branch's commits where it says", async () => {
  await rig.init(2);
  await commitIn(1, "unlanded");
  await commitIn(2, "landed");
  const tip = await repo.git("rev-parse", "agent/agent-2/idle");
  await repo.git("merge", "-q", "agent/agent-2/idle");
  await writeFile(path.join(repo.commonDir, "info/exclude"), "*.log\n");
  await writeFile(path.join(rig.at(2), "ignored.log"), "x");
  const [kept, gone] = await prune(true);
  expect(kept).toMatchObject({ removable: false, removed: false });
  expect(gone).toMatchObject({ removed: true, error: undefined });
  expect(await repo.git("rev-parse", gone?.trash?.trash ?? "")).toBe(tip);
  expect(await repo.git("branch", "--list", "--format=%(refname:short)")).toBe("agent/agent-1/idle\nmain");
  await expect(access(rig.at(2))).rejects.toThrow();
  expect(await verdicts(true)).toEqual(["1 kept unlanded"]);
  // What was removed comes back from the trash.
  await repo.git("branch", "agent/agent-2/idle", gone?.trash?.trash ?? "");
  await rig.init(2);
  expect(await gitIn(rig.at(2), "rev-parse", "HEAD")).toBe(tip);
});

test("leaves a branch alone that is not devkit's", async () => {
  await rig.init(2, { prefix: "bot" });
  await gitIn(rig.at(1), "switch", "-q", "-c", "mine");
  const found = await prune(true, "bot");
  expect(found.map(({ removed, trash }) => [removed, trash?.ref])).toEqual([
    [true, undefined],
    [true, "refs/heads/bot2/main"],
  ]);
  expect(await repo.git("branch", "--list", "--format=%(refname:short)")).toBe("bot1/main\nmain\nmine");
});

test("without its directory the commits that did not land stay on their branch", async () => {
  await rig.init(1);
  await commitIn(1, "unlanded");
  await rm(rig.at(1), { recursive: true });
  expect(await verdicts(true)).toEqual(["1 may go missing"]);
  expect(await repo.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("unlanded");
});

test("never an agent, and nothing in which a process works", async () => {
  await rig.up(1);
  await rig.init(2);
  const child = spawn("sleep", ["60"], { cwd: path.join(rig.at(2), "src") });
  await once(child, "spawn");
  try {
    expect(await verdicts(true)).toEqual(["1 kept agent", "2 kept in-use"]);
    for (const { id } of rig.engine.containers.values()) await rig.engine.removeContainer(id);
    expect((await verdicts(true))[0]).toBe("1 kept agent");
  } finally {
    child.kill();
    await once(child, "exit");
  }
  expect(await verdicts(true)).toEqual(["1 kept agent", "2 may go ancestor"]);
});

test("what landed where the remote has the base counts", async () => {
  await repo.git("clone", "-q", "--bare", repo.root, path.join(repo.root, "../origin.git"));
  await repo.git("remote", "add", "origin", path.join(repo.root, "../origin.git"));
  await repo.git("push", "-q", "-u", "origin", "main");
  await rig.init(1);
  await commitIn(1, "work");
  await repo.git("push", "-q", "origin", "agent/agent-1/idle:main");
  await repo.git("fetch", "-q", "origin");
  expect(await verdicts()).toEqual(["1 may go ancestor"]);
});

test("clears the trash of what is too old when it removes, not when it only looks", async () => {
  await repo.git("update-ref", "refs/devkit/trash/agent-1/20250101T000000Z/x", "HEAD");
  await prune(false);
  await prune(true);
  expect(await repo.git("for-each-ref", "refs/devkit/trash")).not.toBe("");
  await prune(true, undefined, "2026-01-04");
  expect(await repo.git("for-each-ref", "refs/devkit/trash")).toBe("");
});
