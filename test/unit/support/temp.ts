import { mkdtemp, realpath, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach } from "vitest";
import { isDevkitError, type DevkitError } from "../../../src/base/errors.js";

const made: string[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
});

/** A directory of the test's own, its real path; removed after the test. The name has a space on purpose. */
export async function tempDir(): Promise<string> {
  const dir = await realpath(await mkdtemp(path.join(os.tmpdir(), "devkit unit ")));
  made.push(dir);
  return dir;
}

/** The DevkitError a promise ends with; anything else fails the test. */
export async function errorOf(work: Promise<unknown>): Promise<DevkitError> {
  const error = await thrownBy(work);
  if (isDevkitError(error)) return error;
  throw error;
}

/** Whatever a promise ends with; fails when it does not. */
export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
