import { access, chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createGitWorktrees } from "../../../../src/adapters/git/worktrees.js";
import type { Worktrees } from "../../../../src/app/ports.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

let repo: Repo;
let worktrees: Worktrees;

beforeEach(async () => {
  repo = await createRepo();
  worktrees = createGitWorktrees(repo);
});

const place = (index: number) => path.join(repo.root, ".devkit/agents", `agent-${String(index)}`);

const request = (index: number, change: { branch?: string; start?: string } = {}) => ({
  worktree: place(index),
  branch: `agent/agent-${String(index)}/idle`,
  start: "HEAD",
  reason: `devkit agent-${String(index)}`,
  ...change,
});

async function addWhole(index: number): Promise<string> {
  await worktrees.add(request(index));
  await worktrees.checkout(place(index));
  return place(index);
}

const listed = async () =>
  (await worktrees.list())
    .slice(1)
    .map(({ path: at, branch, locked }) => [path.basename(at), branch, locked]);

const WHOLE = { directory: "files", linked: true, checkedOut: true };

describe("adding a worktree", () => {
  test("registers and locks it on a branch of its own, without files", async () => {
    expect(await worktrees.add(request(1))).toBe(true);
    expect(await listed()).toEqual([["agent-1", "agent/agent-1/idle", true]]);
    expect(await worktrees.inspect(place(1))).toEqual({
      directory: "empty",
      linked: true,
      checkedOut: false,
    });
    expect(await worktrees.findIndex(place(1))).toBeUndefined();
    expect(await repo.git("worktree", "list", "--porcelain")).toContain("locked devkit agent-1");
  });

  test("starts a new branch where it is told to, tracking nothing", async () => {
    const first = await repo.git("rev-parse", "HEAD");
    await repo.commit("second");
    await repo.git("config", "branch.autoSetupMerge", "always");
    await worktrees.add(request(1, { start: first }));
    expect(await repo.git("rev-parse", "agent/agent-1/idle")).toBe(first);
    expect(await repo.git("config", "--get-regexp", "^branch\\.agent").catch(() => "none")).toBe("none");
  });

  test("takes a branch that is there already as it is", async () => {
    await repo.git("branch", "agent/agent-1/idle");
    const before = await repo.git("rev-parse", "agent/agent-1/idle");
    await repo.commit("second");
    expect(await worktrees.add(request(1))).toBe(false);
    expect(await repo.git("rev-parse", "agent/agent-1/idle")).toBe(before);
  });

  test("without a branch it is detached", async () => {
    const { worktree, start, reason } = request(1);
    expect(await worktrees.add({ worktree, branch: undefined, start, reason })).toBe(false);
    expect(await listed()).toEqual([["agent-1", undefined, true]]);
  });

  test("at a start that is no commit fails with git's words, and leaves nothing", async () => {
    const error = await errorOf(worktrees.add(request(1, { start: "no-such-commit" })));
    expect(error.code).toBe("E_GIT");
    expect(error.message).toContain("no-such-commit");
    expect(await listed()).toEqual([]);
  });

  test("again where it was deleted gives the same branch back", async () => {
    await addWhole(1);
    await writeFile(path.join(place(1), "new.txt"), "x");
    await gitIn(place(1), "add", ".");
    await gitIn(place(1), "commit", "-q", "-m", "work");
    const work = await repo.git("rev-parse", "agent/agent-1/idle");
    await rm(place(1), { recursive: true });
    expect(await worktrees.inspect(place(1))).toMatchObject({ directory: "absent", linked: false });
    await addWhole(1);
    expect(await worktrees.inspect(place(1))).toEqual(WHOLE);
    expect(await repo.git("rev-parse", "agent/agent-1/idle")).toBe(work);
    expect(await readdir(place(1))).toContain("new.txt");
    expect(await listed()).toEqual([["agent-1", "agent/agent-1/idle", true]]);
  });

  test("where there is nothing but an empty directory or a stale pointer", async () => {
    await mkdir(place(1), { recursive: true });
    await mkdir(place(2), { recursive: true });
    await writeFile(path.join(place(2), ".git"), "gitdir: /nowhere\n");
    await Promise.all([addWhole(1), addWhole(2)]);
    expect(await worktrees.inspect(place(1))).toEqual(WHOLE);
    expect(await worktrees.inspect(place(2))).toEqual(WHOLE);
  });

  test("where there are files it refuses, and touches none", async () => {
    await mkdir(place(1), { recursive: true });
    await writeFile(path.join(place(1), "precious"), "x");
    expect(await errorOf(worktrees.add(request(1)))).toMatchObject({
      code: "E_WORK_IN_THE_WAY",
      exitCode: 5,
    });
    expect(await readFile(path.join(place(1), "precious"), "utf8")).toBe("x");
    expect(await listed()).toEqual([]);
  });

  test("refuses a file in the place of the directory", async () => {
    await mkdir(path.dirname(place(1)), { recursive: true });
    await writeFile(place(1), "precious");
    expect((await errorOf(worktrees.add(request(1)))).code).toBe("E_WORK_IN_THE_WAY");
    expect(await readFile(place(1), "utf8")).toBe("precious");
  });

  test("sixteen at once all come to be", async () => {
    const indexes = Array.from({ length: 16 }, (_, position) => position + 1);
    await Promise.all(indexes.map(addWhole));
    const found = await Promise.all(indexes.map((index) => worktrees.inspect(place(index))));
    expect(found).toEqual(indexes.map(() => WHOLE));
    expect((await listed()).map(([name]) => name).sort()).toEqual(
      indexes.map((index) => `agent-${String(index)}`).sort(),
    );
  });

  test("runs no hook of the repository", async () => {
    const ran = path.join(repo.root, "..", "hook-ran");
    await repo.write(".git/hooks/post-checkout", `#!/bin/sh\necho ran >>'${ran}'\n`);
    await chmod(path.join(repo.commonDir, "hooks/post-checkout"), 0o755);
    await addWhole(1);
    await worktrees.reindex(place(1));
    await expect(access(ran)).rejects.toThrow();
    await repo.git("worktree", "add", "-q", path.join(repo.root, "..", "by-hand"));
    expect(await readFile(ran, "utf8")).toBe("ran\n");
  });
});

describe("checking files out", () => {
  test("writes those of the branch, and the host sees them clean", async () => {
    await addWhole(1);
    expect(await readFile(path.join(place(1), "src/app.js"), "utf8")).toBe("1;\n");
    expect(await worktrees.status(place(1))).toEqual({ changed: 0, untracked: 0 });
    expect(await worktrees.findIndex(place(1))).toBe(
      path.join(repo.commonDir, "worktrees", "agent-1", "index"),
    );
  });

  test("that was cut off goes on, over git's own lock files", async () => {
    await worktrees.add(request(1));
    const admin = path.join(repo.commonDir, "worktrees", "agent-1");
    await writeFile(path.join(admin, "index.lock"), "");
    await writeFile(path.join(admin, "HEAD.lock"), "");
    await writeFile(path.join(place(1), "README.md"), "half writ");
    await worktrees.checkout(place(1));
    expect(await worktrees.inspect(place(1))).toEqual(WHOLE);
    expect(await worktrees.status(place(1))).toEqual({ changed: 0, untracked: 0 });
  });

  test("of a commit without files is finished all the same", async () => {
    const empty = await createRepo({ files: {} });
    await empty.git("commit", "-q", "--allow-empty", "-m", "empty");
    const other = createGitWorktrees(empty);
    const worktree = path.join(empty.root, ".devkit/agents/agent-1");
    await other.add({ ...request(1), worktree });
    await other.checkout(worktree);
    expect(await other.inspect(worktree)).toEqual({ directory: "empty", linked: true, checkedOut: true });
  });
});

describe("a worktree that lost a part", () => {
  test("of its pointer: repairing gives it back, and touches no file", async () => {
    await addWhole(1);
    await writeFile(path.join(place(1), "README.md"), "changed");
    const before = await stat(path.join(place(1), "README.md"));
    await rm(path.join(place(1), ".git"));
    expect(await worktrees.inspect(place(1))).toEqual({
      directory: "files",
      linked: false,
      checkedOut: true,
    });
    await worktrees.repair(place(1));
    expect(await worktrees.inspect(place(1))).toEqual(WHOLE);
    expect((await stat(path.join(place(1), "README.md"))).mtimeMs).toBe(before.mtimeMs);
    expect(await worktrees.status(place(1))).toEqual({ changed: 1, untracked: 0 });
  });

  test("of its pointer, which now leads to another's git dir: that is not its own", async () => {
    await Promise.all([addWhole(1), addWhole(2)]);
    await writeFile(path.join(place(1), ".git"), await readFile(path.join(place(2), ".git")));
    expect((await worktrees.inspect(place(1))).linked).toBe(false);
    await worktrees.repair(place(1));
    expect(await gitIn(place(1), "branch", "--show-current")).toBe("agent/agent-1/idle");
    expect(await gitIn(place(2), "branch", "--show-current")).toBe("agent/agent-2/idle");
  });

  test("of its pointer, while another's is lost for good", async () => {
    await Promise.all([addWhole(1), addWhole(2)]);
    await rm(place(2), { recursive: true });
    await rm(path.join(place(1), ".git"));
    await worktrees.repair(place(1));
    expect(await worktrees.inspect(place(1))).toEqual(WHOLE);
  });

  test("that cannot be repaired is a failure, not a success", async () => {
    expect((await errorOf(worktrees.repair(place(7)))).code).toBe("E_GIT");
  });

  test("of a checkout that was cut off: the next one finishes it", async () => {
    await addWhole(1);
    await writeFile(path.join(repo.commonDir, "worktrees/agent-1/devkit-unfinished"), "");
    await rm(path.join(place(1), "README.md"));
    expect(await worktrees.inspect(place(1))).toEqual({ ...WHOLE, checkedOut: false, unfinished: true });
    await worktrees.checkout(place(1));
    expect(await worktrees.inspect(place(1))).toEqual(WHOLE);
    expect(await readdir(place(1))).toContain("README.md");
  });

  test("of its index: it is made again, and changed files stay changed", async () => {
    await addWhole(1);
    await writeFile(path.join(place(1), "README.md"), "changed");
    await writeFile(path.join(place(1), "new.txt"), "new");
    await repo.write("README.md", "changed by the user");
    await rm(path.join(repo.commonDir, "worktrees/agent-1/index"));
    expect((await worktrees.inspect(place(1))).checkedOut).toBe(false);
    await worktrees.reindex(place(1));
    expect(await worktrees.inspect(place(1))).toEqual(WHOLE);
    expect(await readFile(path.join(place(1), "README.md"), "utf8")).toBe("changed");
    expect(await worktrees.status(place(1))).toEqual({ changed: 1, untracked: 1 });
    expect(await readFile(path.join(repo.root, "README.md"), "utf8")).toBe("changed by the user");
  });
});

describe("status", () => {
  test("counts changed and untracked files, renames once, and looks into no embedded repository", async () => {
    await addWhole(1);
    await gitIn(place(1), "mv", "README.md", "READ ME.md");
    await writeFile(path.join(place(1), "a\nb"), "x");
    await mkdir(path.join(place(1), "dir"));
    await writeFile(path.join(place(1), "dir/one"), "x");
    await writeFile(path.join(place(1), "dir/two"), "x");
    await rm(path.join(place(1), "src/app.js"));
    expect(await worktrees.status(place(1))).toEqual({ changed: 2, untracked: 3 });
  });

  test("of a worktree that is gone is an error of ours", async () => {
    await errorOf(worktrees.status(place(9)));
  });
});
