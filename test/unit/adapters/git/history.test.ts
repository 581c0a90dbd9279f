import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createGitHistory } from "../../../../src/adapters/git/history.js";
import type { History } from "../../../../src/app/ports.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";
import { oid } from "../../support/things.js";

let repo: Repo;
let history: History;

beforeEach(async () => {
  repo = await createRepo();
  history = createGitHistory(repo);
});

describe("the commit agents start at", () => {
  test("is what a branch, a tag, an id or HEAD names", async () => {
    const first = await repo.git("rev-parse", "HEAD");
    await repo.git("tag", "-a", "v1", "-m", "annotated");
    await repo.git("branch", "some/branch");
    const second = await repo.commit("second");
    expect(await history.requireCommit("HEAD")).toBe(second);
    expect(await history.requireCommit("v1")).toBe(first);
    expect(await history.requireCommit("some/branch")).toBe(first);
    expect(await history.requireCommit("HEAD~1")).toBe(first);
    expect(await history.requireCommit(first.slice(0, 10))).toBe(first);
  });

  test.each(["no-such-branch", "", "--all", "-n1", "HEAD:README.md", "HEAD^{tree}", "a b", "v1\nHEAD"])(
    "%j is none, and the hint says where to set it",
    async (revision) => {
      const error = await errorOf(history.requireCommit(revision));
      expect(error).toMatchObject({ code: "E_NO_COMMIT", exitCode: 2 });
      expect(error.message).toContain(revision);
      expect(error.hint).toContain("devkit.toml");
    },
  );

  test("is missing in a new repository: the hint makes one", async () => {
    const empty = await createRepo({ files: {} });
    const error = await errorOf(createGitHistory(empty).requireCommit("HEAD"));
    expect(error.message).toBe(`${empty.root} has no commit yet`);
    expect(error.hint).toContain("git commit --allow-empty");
  });

  test("works in a repository with SHA-256", async () => {
    const sha256 = await createRepo({ init: ["--object-format=sha256"] });
    expect(await createGitHistory(sha256).requireCommit("HEAD")).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("refs of agents", () => {
  test("come by agent, detached heads too, and nothing of anybody else", async () => {
    const head = await repo.git("rev-parse", "HEAD");
    const refs = [
      "refs/heads/agent/agent-1/idle",
      "refs/heads/agent/agent-1/x/y",
      "refs/heads/agent/agent-10/idle",
      "refs/devkit/detached/agent-1",
      "refs/devkit/base/agent-1",
      "refs/heads/feature",
      "refs/heads/agents/agent-1/x",
    ];
    for (const ref of refs) await history.setRef(ref, head);
    const found = await history.agentRefs();
    expect([...found.keys()].sort()).toEqual(["agent-1", "agent-10"]);
    expect([...(found.get("agent-1")?.entries() ?? [])].sort()).toEqual([
      ["refs/devkit/detached/agent-1", head],
      ["refs/heads/agent/agent-1/idle", head],
      ["refs/heads/agent/agent-1/x/y", head],
    ]);
  });

  test("are none in a repository without agents", async () => {
    expect((await history.agentRefs()).size).toBe(0);
  });

  test("a ref is found by its full name only", async () => {
    const head = await repo.git("rev-parse", "HEAD");
    await history.setRef("refs/heads/agent/agent-1/x/y", head);
    expect(await history.findRef("refs/heads/agent/agent-1/x/y")).toBe(head);
    expect(await history.findRef("refs/heads/agent/agent-1/x")).toBeUndefined();
    expect(await history.findRef("refs/heads/agent")).toBeUndefined();
  });
});

describe("commits", () => {
  test("which of them the repository has, whole", async () => {
    const head = await repo.git("rev-parse", "HEAD");
    await repo.write("broken", `tree ${oid("e")}\nauthor x <x@y> 0 +0000\ncommitter x <x@y> 0 +0000\n\nx\n`);
    const broken = await repo.git("hash-object", "-w", "-t", "commit", "--literally", "broken");
    expect(await history.connected([head, broken, oid("d")])).toEqual(new Set([head]));
    expect(await history.connected([oid("d")])).toEqual(new Set());
  });

  test("how many bytes a checkout takes, submodules and odd names included", async () => {
    await repo.write("a\nb 5", "12345");
    await repo.git("update-index", "--add", "--cacheinfo", `160000,${oid("1")},sub`);
    await repo.git("add", "a\nb 5");
    await repo.git("commit", "-q", "-m", "odd");
    const size = "# demo\n".length + "1;\n".length + 5;
    expect(await history.checkoutSize(await repo.git("rev-parse", "HEAD"))).toBe(size);
  });
});

describe("moving a worktree's HEAD", () => {
  const add = async () => {
    const worktree = path.join(repo.root, ".devkit/agents/agent-1");
    await history.ignoreLocally("/.devkit/");
    await repo.git("worktree", "add", "-q", "-b", "agent/agent-1/idle", worktree);
    return worktree;
  };

  test("to a branch that went on: the index follows, no file is read or written", async () => {
    const worktree = await add();
    await repo.write("README.md", "newer\n");
    const newer = await repo.commit("newer");
    await repo.git("update-ref", "refs/heads/agent/agent-1/tsk-1", newer);
    await writeFile(path.join(worktree, "README.md"), "newer\n");
    const before = await stat(path.join(worktree, "README.md"));
    await history.moveHead(worktree, "refs/heads/agent/agent-1/tsk-1");
    expect(await gitIn(worktree, "branch", "--show-current")).toBe("agent/agent-1/tsk-1");
    expect(await gitIn(worktree, "status", "--porcelain")).toBe("");
    expect((await stat(path.join(worktree, "README.md"))).mtimeMs).toBe(before.mtimeMs);
    expect(await repo.git("rev-parse", "agent/agent-1/idle")).not.toBe(newer);
  });

  test("to a commit: detached, and the branch it was on stays where it was", async () => {
    const worktree = await add();
    const branch = await repo.git("rev-parse", "agent/agent-1/idle");
    const newer = await repo.commit("newer");
    await history.moveHead(worktree, newer);
    expect(await gitIn(worktree, "rev-parse", "HEAD")).toBe(newer);
    expect(await gitIn(worktree, "branch", "--show-current")).toBe("");
    expect(await repo.git("rev-parse", "agent/agent-1/idle")).toBe(branch);
  });

  test("also when the worktree's directory is gone, and leaves the main worktree alone", async () => {
    const worktree = await add();
    const status = await repo.git("status", "--porcelain", "--branch");
    await rm(worktree, { recursive: true });
    await repo.git("branch", "agent/agent-1/tsk-1");
    await history.moveHead(worktree, "refs/heads/agent/agent-1/tsk-1");
    expect(await repo.git("worktree", "list", "--porcelain")).toContain("refs/heads/agent/agent-1/tsk-1");
    expect(await repo.git("status", "--porcelain", "--branch")).toBe(status);
  });

  test("of a worktree git does not know is refused", async () => {
    expect((await errorOf(history.moveHead("/nowhere", "refs/heads/main"))).code).toBe("E_GIT");
  });
});

describe("ignoring a pattern locally", () => {
  const exclude = () => readFile(path.join(repo.commonDir, "info/exclude"), "utf8");

  test("adds it once, after what is there", async () => {
    await writeFile(path.join(repo.commonDir, "info/exclude"), "mine\nno line end");
    await history.ignoreLocally("/.devkit/");
    await history.ignoreLocally("/.devkit/");
    expect(await exclude()).toBe("mine\nno line end\n/.devkit/\n");
  });

  test("makes the file where there is none, and git ignores the directory", async () => {
    await rm(path.join(repo.commonDir, "info"), { recursive: true });
    await history.ignoreLocally("/.devkit/");
    await mkdir(path.join(repo.root, ".devkit"));
    await writeFile(path.join(repo.root, ".devkit/file"), "");
    expect(await repo.git("status", "--porcelain")).toBe("");
  });
});

test("settings are those in force, the later winning", async () => {
  await repo.git("config", "user.name", "Local Name");
  const names = (await history.config()).filter(({ key }) => key === "user.name").map(({ value }) => value);
  expect(names).toEqual(["Tess Ter", "Local Name"]);
});

test("what is lent: the objects, remote branches and tags, but no branch of the user's", async () => {
  const head = await repo.git("rev-parse", "HEAD");
  await repo.git("tag", "v1");
  await repo.git("update-ref", "refs/remotes/origin/main", head);
  await repo.git("config", "remote.origin.url", "https://tess:hunter2@example.com/a.git");
  expect(await history.lent(head)).toEqual({
    objectFormat: "sha1",
    objectsDir: path.join(repo.commonDir, "objects"),
    refs: new Map([
      ["refs/remotes/origin/main", head],
      ["refs/tags/v1", head],
    ]),
    shallow: undefined,
    config: [
      { key: "core.filemode", value: "true" },
      { key: "remote.origin.url", value: "https://example.com/a.git" },
    ],
    info: {
      exclude: await readFile(path.join(repo.commonDir, "info/exclude"), "utf8"),
      attributes: undefined,
      userAttributes: undefined,
      sparseCheckout: undefined,
    },
  });
});

describe("what is lent stays", () => {
  const gone = async (ref: string) => {
    await repo.git("update-ref", "-d", ref);
    await repo.git("reflog", "expire", "--expire=now", "--all");
    await repo.git("gc", "-q", "--prune=now");
  };

  test("when a remote branch is deleted that nothing else holds", async () => {
    const start = await repo.git("rev-parse", "HEAD");
    const side = await repo.git("commit-tree", "HEAD^{tree}", "-m", "side");
    await repo.git("update-ref", "refs/remotes/origin/side", side);
    await history.lent(start);
    await history.lent(start);
    await gone("refs/remotes/origin/side");
    expect(await repo.git("cat-file", "-t", side)).toBe("commit");
  });

  test("when a tag is deleted: the tag's own object, wherever its commit is", async () => {
    const start = await repo.git("rev-parse", "HEAD");
    await repo.git("tag", "-a", "-m", "one", "v1");
    const tag = await repo.git("rev-parse", "v1");
    await history.lent(start);
    await gone("refs/tags/v1");
    expect(await repo.git("cat-file", "-t", tag)).toBe("tag");
  });

  test("and what the base holds costs no ref of its own", async () => {
    const start = await repo.git("rev-parse", "HEAD");
    await repo.git("update-ref", "refs/remotes/origin/main", start);
    await repo.git("tag", "light");
    await history.lent(start);
    expect(await repo.git("for-each-ref", "refs/devkit")).toBe("");
  });
});
