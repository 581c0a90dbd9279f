import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";
import { translateFileError } from "./translate.js";

/** A name that no other process uses, in `directory`, which has to be on the file's own file system. */
export function stagingName(file: string, directory = path.dirname(file)): string {
  return path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
}

/** Writes a new file and forces it to disk; fails if there is one. */
export async function writeNewFile(file: string, content: string, mode: number): Promise<void> {
  const handle = await open(file, "wx", mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file whole or not at all; a link at that name is replaced, not followed. */
export async function replaceFile(
  file: string,
  content: string,
  stagingDir?: string,
  mode = 0o644,
): Promise<void> {
  const temporary = stagingName(file, stagingDir);
  try {
    await writeNewFile(temporary, content, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw translateFileError(error, `cannot write ${file}`);
  }
}

/**
 * Reads a file an agent could have put anything in the place of: links, pipes and devices are not opened through, and
 * at most `limit` bytes are read. Undefined when it is missing or not such a file. At once, without a turn of the event
 * loop for each step: listing agents reads hundreds of files of a few bytes.
 */
export function readHostileFile(file: string, limit: number): string | undefined {
  return readHostileBytes(file, limit)?.toString("utf8");
}

/** The same, byte for byte. */
export function readHostileBytes(file: string, limit: number): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = systemErrorCode(error);
    if (["ENOENT", "ELOOP", "ENOTDIR", "ENXIO", "EACCES"].includes(code ?? "")) return undefined;
    throw translateFileError(error, `cannot read ${file}`);
  }
  try {
    const info = fstatSync(descriptor);
    if (!info.isFile() || info.size > limit) return undefined;
    // Not to its end, which an agent can move while it is read.
    const buffer = Buffer.allocUnsafe(info.size);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, info.size, 0));
  } finally {
    closeSync(descriptor);
  }
}
