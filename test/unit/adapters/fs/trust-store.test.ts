import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTrustStore } from "../../../../src/adapters/fs/trust-store.js";
import { projectOf } from "../../../../src/domain/identity/project.js";
import { tempDir } from "../../support/temp.js";

const makeProject = async () =>
  projectOf({ root: "/src/demo", commonDir: "/src/demo/.git", stateHome: await tempDir() });

test("what was approved stays so until it is taken back, for this user's eyes only", async () => {
  const project = await makeProject();
  const store = createTrustStore(project);
  expect(await store.load()).toEqual(new Set());
  await store.add("one", ["a"], new Date(0));
  await store.add("two", ["b"], new Date(0));
  await store.add("one", ["a"], new Date(0));
  expect(await createTrustStore(project).load()).toEqual(new Set(["one", "two"]));
  expect((await stat(path.join(project.stateDir, "trust.json"))).mode & 0o777).toBe(0o600);
  expect(await readdir(project.stateDir)).toEqual(["trust.json"]);
  expect(await store.revoke()).toBe(2);
  expect(await store.load()).toEqual(new Set());
});

test("what cannot be read approves nothing", async () => {
  const project = await makeProject();
  await mkdir(project.stateDir, { recursive: true });
  for (const text of ["", "{", "null", '{"sha256":"x"}', "[1, null, {}]"]) {
    await writeFile(path.join(project.stateDir, "trust.json"), text);
    expect(await createTrustStore(project).load()).toEqual(new Set());
  }
});
