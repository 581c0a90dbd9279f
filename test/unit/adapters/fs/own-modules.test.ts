import { mkdir, rename, symlink } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { listOwnModules } from "../../../../src/adapters/fs/own-modules.js";
import { tempDir } from "../../support/temp.js";

async function makeModule(gitDir: string, at: string): Promise<void> {
  for (const name of ["objects", "refs"])
    await mkdir(path.join(gitDir, "modules", at, name), { recursive: true });
}

test("finds git dirs of submodules, those with slashes in their names and nested ones too", async () => {
  const gitDir = await tempDir();
  for (const at of ["lib", "vendor/lib", "lib/modules/deep/inner"]) await makeModule(gitDir, at);
  await mkdir(path.join(gitDir, "modules/empty/objects"), { recursive: true });
  expect(await listOwnModules(gitDir)).toEqual(["lib", "lib/modules/deep/inner", "vendor/lib"]);
  expect(await listOwnModules(path.join(gitDir, "modules/lib"))).toEqual(["deep/inner"]);
  expect(await listOwnModules(path.join(gitDir, "nothing"))).toEqual([]);
});

test("never follows a link that an agent has put there", async () => {
  const [gitDir, elsewhere] = [await tempDir(), await tempDir()];
  await makeModule(elsewhere, "host");
  await makeModule(gitDir, "lib");
  await symlink(path.join(elsewhere, "modules/host"), path.join(gitDir, "modules/linked"));
  expect(await listOwnModules(gitDir)).toEqual(["lib"]);
  await rename(path.join(gitDir, "modules"), path.join(gitDir, "old"));
  await symlink(path.join(elsewhere, "modules"), path.join(gitDir, "modules"));
  expect(await listOwnModules(gitDir)).toEqual([]);
});
