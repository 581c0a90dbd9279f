import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { systemErrorCode } from "../../base/errors.js";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NEW_FILE = constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const IN_THE_WAY = ["ENOTDIR", "ELOOP", "EEXIST", "ENXIO", "EISDIR"];

/**
 * Makes a directory, or an empty file, below one that an agent can write. Each step starts from the directory that the
 * last one opened, so that nothing the agent swaps meanwhile leads elsewhere. False: something else stands there.
 */
export async function createMountPoint(parent: string, relative: string, isFile: boolean): Promise<boolean> {
  const parts = relative.split("/");
  const last = isFile ? parts.pop() : undefined;
  let at = await open(parent, DIRECTORY);
  try {
    for (const part of parts) {
      const next = await enter(at, part);
      await at.close();
      at = next;
    }
    if (last !== undefined) await touch(at, last);
    return true;
  } catch (error) {
    if (IN_THE_WAY.includes(systemErrorCode(error) ?? "")) return false;
    throw error;
  } finally {
    await at.close();
  }
}

const within = (at: FileHandle, name: string) => `/proc/self/fd/${String(at.fd)}/${name}`;

async function enter(at: FileHandle, name: string): Promise<FileHandle> {
  await mkdir(within(at, name)).catch((error: unknown) => {
    if (systemErrorCode(error) !== "EEXIST") throw error;
  });
  return open(within(at, name), DIRECTORY);
}

async function touch(at: FileHandle, name: string): Promise<void> {
  try {
    await (await open(within(at, name), NEW_FILE, 0o644)).close();
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
    // Only looked at: a pipe must not be waited for, and a device not opened.
    const found = await open(within(at, name), O_PATH | constants.O_NOFOLLOW);
    try {
      if (!(await found.stat()).isFile()) throw error;
    } finally {
      await found.close();
    }
  }
}

/** Of Linux; Node has no name for it. */
const O_PATH = 0o10000000;
