import { access, chmod, constants, stat } from "node:fs/promises";
import type { FileAccess, Machine } from "../../app/ports-health.js";
import { systemErrorCode } from "../../base/errors.js";
import { findCopied, forgetCopied } from "../git/copied-worktrees.js";
import { withFileErrors } from "./translate.js";

export const machine: Machine = {
  nodeVersion: process.versions.node,
  now: () => new Date(),
  findAccess,
  close: (path) => withFileErrors(`cannot close ${path}`, () => chmod(path, 0o700)),
  findCopied,
  forgetCopied,
};

async function findAccess(path: string): Promise<FileAccess | undefined> {
  try {
    const { uid, mode } = await stat(path);
    return { uid, mode: mode & 0o7777, isWritable: await isWritable(path) };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return undefined;
    if (systemErrorCode(error) === "EACCES") return { uid: -1, mode: 0, isWritable: false };
    throw error;
  }
}

function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
