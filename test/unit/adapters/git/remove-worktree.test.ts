import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { removeWorktree } from "../../../../src/adapters/git/remove-worktree.js";
import { createGit, type RunGit } from "../../../../src/adapters/git/run-git.js";
import { createGitWorktrees } from "../../../../src/adapters/git/worktrees.js";
import type { RemoveWorktree } from "../../../../src/app/ports-worktrees.js";
import { createRepo, type Repo } from "../../support/repo.js";
import { thrownBy } from "../../support/temp.js";

let repo: Repo;
let worktree: string;
let request: RemoveWorktree;
const TRASH = "refs/devkit/trash/agent-1/20260101T000000Z/heads/agent/agent-1/idle";

beforeEach(async () => {
  repo = await createRepo({ at: "dev/demo" });
  worktree = path.join(path.dirname(repo.root), "agent1/demo");
  const worktrees = createGitWorktrees(repo);
  const ref = "refs/heads/agent/agent-1/idle";
  await worktrees.add({ worktree, branch: "agent/agent-1/idle", start: "HEAD", reason: "devkit agent-1" });
  await worktrees.checkout(worktree);
  request = { worktree, branch: { ref, oid: await repo.git("rev-parse", ref), trash: TRASH } };
});

const refs = () => repo.git("for-each-ref", "--format=%(refname)");
const listed = async () =>
  (await repo.git("worktree", "list", "--porcelain")).match(/^worktree .*/gm)?.length;

async function expectRemoved(): Promise<void> {
  expect(await listed()).toBe(1);
  expect(await refs()).toBe(`${TRASH}\nrefs/heads/main`);
  expect(await readdir(path.dirname(repo.root))).toEqual(["demo"]);
}

test("directory, registration and branch go, and the trash keeps the commits", async () => {
  await removeWorktree(createGit(repo.root), request);
  await expectRemoved();
  expect(await repo.git("rev-parse", TRASH)).toBe(request.branch?.oid);
});

test("without its directory it is the registration that goes; without a branch to put away that stays", async () => {
  await rm(worktree, { recursive: true });
  await removeWorktree(createGit(repo.root), { worktree, branch: undefined });
  expect(await listed()).toBe(1);
  expect(await refs()).toBe("refs/heads/agent/agent-1/idle\nrefs/heads/main");
});

test("a branch that moved meanwhile stays, and so does its worktree", async () => {
  const oid = await repo.git("commit-tree", "-m", "late", "-p", "HEAD", "HEAD^{tree}");
  await repo.git("update-ref", "refs/heads/agent/agent-1/idle", oid);
  await thrownBy(removeWorktree(createGit(repo.root), request));
  expect(await repo.git("rev-parse", "agent/agent-1/idle")).toBe(oid);
  expect(await readdir(path.dirname(worktree))).toEqual(["demo"]);
  expect(await readdir(worktree)).toContain("README.md");
});

test("what else is in the directory that held it is not touched", async () => {
  const other = path.join(path.dirname(worktree), "other");
  await mkdir(other);
  await writeFile(path.join(other, "mine"), "x");
  await removeWorktree(createGit(repo.root), request);
  expect(await readdir(path.dirname(worktree))).toEqual(["other"]);
});

describe.each([0, 1, 2, 3])("killed after git's step %d", (step) => {
  test("running again gets there", async () => {
    const git = createGit(repo.root);
    let calls = 0;
    const dying: RunGit = async (...args) => {
      if (calls === step) throw new Error("killed");
      calls += 1;
      return git(...args);
    };
    await thrownBy(removeWorktree(dying, request)).catch(() => undefined);
    // What the next run would find to do: the branch may be away already, and with it the registration.
    const left = (await refs()).includes("refs/heads/agent/agent-1/idle")
      ? request
      : { worktree, branch: undefined };
    if ((await listed()) === 2) await removeWorktree(git, left);
    await expectRemoved();
  });
});
