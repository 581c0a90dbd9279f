import { cp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { findCopied, forgetCopied } from "../../../../src/adapters/git/copied-worktrees.js";
import { createGitWorktrees } from "../../../../src/adapters/git/worktrees.js";
import { createRepo, gitIn } from "../../support/repo.js";
import { tempDir } from "../../support/temp.js";

test("a copied git dir has registrations of the original's worktrees, which go without touching those", async () => {
  const repo = await createRepo();
  const worktree = path.join(repo.root, ".devkit/agents/agent-1");
  await createGitWorktrees(repo).add({
    ...{ worktree, branch: "agent/agent-1/idle", start: "HEAD", reason: "devkit agent-1" },
  });
  expect(await findCopied(repo.commonDir)).toEqual([]);
  const copy = path.join(await tempDir(), "copy");
  await cp(repo.root, copy, { recursive: true });
  await rm(path.join(copy, ".devkit"), { recursive: true });
  const copiedDir = path.join(copy, ".git");
  expect(await gitIn(copy, "worktree", "list")).toContain(worktree);

  const owner = path.join(repo.commonDir, "worktrees/agent-1");
  expect(await findCopied(copiedDir)).toEqual([{ id: "agent-1", worktree, owner }]);
  expect(await findCopied(repo.commonDir)).toEqual([]);
  const before = await readFile(path.join(worktree, ".git"), "utf8");
  await forgetCopied(copiedDir, "agent-1");
  expect(await gitIn(copy, "worktree", "list")).not.toContain(worktree);
  expect(await readFile(path.join(worktree, ".git"), "utf8")).toBe(before);
  expect(await gitIn(repo.root, "worktree", "list")).toContain(worktree);
});

test("a registration that is nobody else's is not taken away", async () => {
  const repo = await createRepo();
  const worktree = path.join(repo.root, ".devkit/agents/agent-1");
  await createGitWorktrees(repo).add({
    ...{ worktree, branch: "agent/agent-1/idle", start: "HEAD", reason: "devkit agent-1" },
  });
  await forgetCopied(repo.commonDir, "agent-1");
  await rm(worktree, { recursive: true });
  await forgetCopied(repo.commonDir, "agent-1");
  expect(await gitIn(repo.root, "worktree", "list")).toContain(worktree);
});
