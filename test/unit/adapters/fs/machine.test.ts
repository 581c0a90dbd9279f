import { chmod, mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { machine } from "../../../../src/adapters/fs/machine.js";
import { tempDir } from "../../support/temp.js";

test("says how a directory is kept, and closes it to others", async () => {
  const directory = path.join(await tempDir(), "state");
  expect(await machine.findAccess(directory)).toBeUndefined();
  await mkdir(directory);
  await chmod(directory, 0o755);
  expect(await machine.findAccess(directory)).toEqual({
    ...{ uid: process.getuid?.(), mode: 0o755, isWritable: true },
  });
  await machine.close(directory);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
});

test("knows its Node and the time", () => {
  expect(machine.nodeVersion).toBe(process.versions.node);
  expect(Math.abs(machine.now().getTime() - Date.now())).toBeLessThan(10_000);
});
