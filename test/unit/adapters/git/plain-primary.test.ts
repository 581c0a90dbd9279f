import { chown, mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { findPlainPrimary } from "../../../../src/adapters/git/plain-primary.js";
import { createRepo } from "../../support/repo.js";
import { tempDir } from "../../support/temp.js";

test("a repository as git makes it is found from all of its directories, without git", async () => {
  const repo = await createRepo();
  const found = { root: repo.root, commonDir: repo.commonDir };
  for (const place of [".", "src"])
    expect(await findPlainPrimary(path.join(repo.root, place))).toEqual(found);
  await repo.git("remote", "add", "origin", "https://example.com/x.git");
  expect(await findPlainPrimary(repo.root)).toEqual(found);
});

test.each([
  ["core.worktree", "/elsewhere"],
  ["core.bare", "true"],
  ["include.path", "more"],
  ["extensions.worktreeConfig", "true"],
])("git has to be asked where its settings have %s", async (key, value) => {
  const repo = await createRepo();
  await repo.git("config", key, value);
  expect(await findPlainPrimary(repo.root)).toBeUndefined();
});

test("git has to be asked about what is not a whole git dir of our own", async () => {
  const repo = await createRepo();
  await repo.git("worktree", "add", "-q", path.join(repo.root, "linked"));
  expect(await findPlainPrimary(path.join(repo.root, "linked"))).toBeUndefined();
  expect(await findPlainPrimary(repo.commonDir)).toBeUndefined();
  const link = await tempDir();
  await symlink(repo.commonDir, path.join(link, ".git"));
  expect(await findPlainPrimary(link)).toBeUndefined();
  await mkdir(path.join(repo.root, "src/.git"));
  expect(await findPlainPrimary(path.join(repo.root, "src"))).toBeUndefined();
  await rm(path.join(repo.commonDir, "HEAD"));
  expect(await findPlainPrimary(repo.root)).toBeUndefined();
  expect(await findPlainPrimary("/")).toBeUndefined();
});

test.runIf(process.getuid?.() === 0)("git has to be asked whether it trusts another user's", async () => {
  const repo = await createRepo();
  await chown(repo.root, 65534, 65534);
  expect(await findPlainPrimary(repo.root)).toBeUndefined();
});
