import { chmod, lstat, opendir, rm } from "node:fs/promises";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";
import { withFileErrors } from "./translate.js";

/** Bytes a directory takes on disk; links are not followed, and what cannot be read counts as nothing. */
export async function diskUsage(directory: string): Promise<number> {
  const info = await lstat(directory).catch(() => undefined);
  if (info === undefined) return 0;
  let bytes = info.blocks * 512;
  if (!info.isDirectory()) return bytes;
  const entries = await opendir(directory).catch(() => undefined);
  if (entries === undefined) return bytes;
  for await (const entry of entries) bytes += await diskUsage(path.join(directory, entry.name));
  return bytes;
}

/** Removes a directory, also one with parts closed to their own user, as package caches often are. */
export async function removeTree(directory: string): Promise<void> {
  await withFileErrors(`cannot remove ${directory}`, async () => {
    try {
      await rm(directory, { recursive: true, force: true });
    } catch (error) {
      if (!["EACCES", "EPERM", "ENOTEMPTY"].includes(systemErrorCode(error) ?? "")) throw error;
      await openTree(directory);
      await rm(directory, { recursive: true, force: true });
    }
  });
}

async function openTree(directory: string): Promise<void> {
  const info = await lstat(directory);
  if (!info.isDirectory()) return;
  await chmod(directory, info.mode | 0o700);
  for await (const entry of await opendir(directory)) {
    if (entry.isDirectory()) await openTree(path.join(directory, entry.name));
  }
}
