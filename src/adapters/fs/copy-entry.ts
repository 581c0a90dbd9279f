import { constants, type Stats } from "node:fs";
import { chmod, copyFile, lstat, mkdir, open, readdir, readlink, symlink, utimes } from "node:fs/promises";
import { systemErrorCode } from "../../base/errors.js";

/** A path as bytes in Latin-1, so that a name which is no UTF-8 comes through. */
export type BytePath = string;

/** The place of a path below a directory, for calls to the file system. */
export function atBytes(root: string, file: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(file.replace(/\/$/, ""), "latin1")]);
}

/**
 * Copies a file, a link as a link, or a directory with all that is in it, to a place that does not exist; modes and
 * times stay, and what is neither (a socket, a pipe) is left out. False when some of it cannot be read.
 */
export async function copyEntry(source: Buffer, target: Buffer): Promise<boolean> {
  try {
    const info = await lstat(source);
    if (info.isSymbolicLink()) await symlink(await readlink(source, "buffer"), target);
    else if (info.isFile()) await copyRegular(source, target, info);
    else if (info.isDirectory()) return await copyDirectory(source, target, info);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    // Gone since it was listed.
    if (code === "ENOENT") return true;
    if (code === "EACCES" && !(await isReadable(source))) return false;
    throw error;
  }
}

async function copyDirectory(source: Buffer, target: Buffer, { mode }: Stats): Promise<boolean> {
  const names = await readdir(source, { encoding: "buffer" });
  await mkdir(target);
  let isWhole = true;
  for (const name of names) {
    const below = (parent: Buffer) => Buffer.concat([parent, Buffer.from("/"), name]);
    isWhole = (await copyEntry(below(source), below(target))) && isWhole;
  }
  await chmod(target, (mode & 0o777) | 0o700);
  return isWhole;
}

async function copyRegular(source: Buffer, target: Buffer, info: Stats): Promise<void> {
  // A copy by the system fills holes, unless it shares the blocks.
  const hasHoles = info.blocks * 512 < info.size && info.size > BLOCK;
  if (!hasHoles || !(await canShare(source, target))) {
    await (hasHoles
      ? copyWithHoles(source, target, info)
      : copyFile(source, target, constants.COPYFILE_FICLONE));
  }
  await utimes(target, info.atime, info.mtime);
}

const BLOCK = 1024 * 1024;

async function canShare(source: Buffer, target: Buffer): Promise<boolean> {
  return copyFile(source, target, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
}

async function copyWithHoles(source: Buffer, target: Buffer, { mode, size }: Stats): Promise<void> {
  const zeros = Buffer.alloc(BLOCK);
  const [from, to] = [await open(source), await open(target, "w", mode & 0o777)];
  try {
    const buffer = Buffer.alloc(BLOCK);
    for (let position = 0; position < size;) {
      const { bytesRead } = await from.read(buffer, 0, BLOCK, position);
      if (bytesRead === 0) break;
      const isHole = buffer.compare(zeros, 0, bytesRead, 0, bytesRead) === 0;
      if (!isHole) await to.write(buffer, 0, bytesRead, position);
      position += bytesRead;
    }
    await to.truncate(size);
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
}

async function isReadable(file: Buffer): Promise<boolean> {
  return open(file).then(
    async (handle) => {
      await handle.close();
      return true;
    },
    () => false,
  );
}
