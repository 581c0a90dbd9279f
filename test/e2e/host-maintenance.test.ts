import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

/** Agents that commit while their host keeps house in the repository they borrow from. */
const AGENTS = [1, 2, 3];
const COMMITS = 30;
let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  const upstream = path.join(box.dir, "upstream");
  await box.git("clone", "-q", "--bare", box.repo, upstream);
  await box.git("remote", "add", "origin", upstream);
  // What agents are lent beside main: a branch of the remote and a tag, each with commits that nothing else keeps.
  for (const name of ["remote-only", "tagged", "start"]) {
    await box.git("switch", "-q", "-c", name, "main");
    await writeFile(path.join(box.repo, name), `${name}\n`);
    await box.git("add", ".");
    await box.git("commit", "-q", "-m", name);
  }
  await box.git("push", "-q", "origin", "remote-only");
  await box.git("tag", "lent", "tagged");
  await box.git("update-ref", "refs/remotes/origin/remote-only", "remote-only");
  expect(await box.devkit("agent", "up", String(AGENTS.length))).toMatchObject({ exitCode: 0 });
});

afterAll(() => box.remove());

const inside = (index: number, script: string) =>
  box.devkit("exec", String(index), "--", "bash", "-c", script);

/** Commits as fast as it can, with everything in between that makes git read old and new objects. */
const WORK = `set -e; for i in $(seq ${String(COMMITS)}); do
  echo $i >>file; git add file; git commit -qm "work $i"; git status >/dev/null; git log --oneline >/dev/null
  git diff HEAD~1 >/dev/null; done; echo done`;

/** Everything a host may do to its repository; `start` is what the agents began on. */
const MAINTENANCE = [
  ["config", "core.preloadIndex", "true"],
  ["branch", "-D", "start"],
  ["branch", "-D", "tagged"],
  ["branch", "-D", "remote-only"],
  ["update-ref", "-d", "refs/remotes/origin/remote-only"],
  ["tag", "-d", "lent"],
  ["push", "-q", "origin", ":remote-only"],
  ["fetch", "-q", "--prune", "origin"],
  ["pack-refs", "--all", "--prune"],
  ["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"],
  ["repack", "-adq"],
  ["gc", "-q", "--prune=now"],
  ["commit-graph", "write", "--reachable"],
  ["multi-pack-index", "write"],
  ["prune", "--expire=now"],
  ["worktree", "prune", "--expire=now"],
];

test("agents go on, and their commits arrive, while the host keeps house", async () => {
  await box.git("switch", "-q", "main");
  const beside = path.join(box.dir, "beside");
  await box.git("worktree", "add", "-q", "--detach", beside);
  const working = Promise.all(AGENTS.map((index) => inside(index, WORK)));
  let finished = false;
  void working.finally(() => (finished = true));
  let rounds = 0;
  while (!finished || rounds < 2) {
    for (const args of MAINTENANCE) {
      // What is gone already cannot be deleted twice.
      await box.git(...args).catch((error: unknown) => {
        if (rounds === 0) throw error;
      });
    }
    await box.git("worktree", "lock", beside);
    await box.git("worktree", "unlock", beside);
    expect(await box.devkit("agent", "sync")).toMatchObject({ exitCode: 0, stderr: "" });
    rounds += 1;
  }
  for (const result of await working) expect(result).toEqual({ exitCode: 0, stdout: "done", stderr: "" });
});

test("nothing is missing on either side", async () => {
  expect(await box.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
  expect(await box.git("fsck", "--no-dangling")).toBe("");
  for (const index of AGENTS) {
    const branch = `agent/agent-${String(index)}/idle`;
    const subjects = await box.git("log", "--format=%s", "--reverse", `main..${branch}`);
    expect(subjects.split("\n").filter((line) => line.startsWith("work "))).toEqual(
      Array.from({ length: COMMITS }, (_, commit) => `work ${String(commit + 1)}`),
    );
    const script = `git fsck --no-dangling --no-progress && git log --all --oneline >/dev/null && git tag && git branch -a >/dev/null
      git show lent --stat >/dev/null && git log --oneline origin/remote-only >/dev/null && git gc -q --prune=now && git status --porcelain`;
    expect(await inside(index, script)).toEqual({ exitCode: 0, stdout: "lent", stderr: "" });
  }
});
