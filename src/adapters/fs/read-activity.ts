import { lstat } from "node:fs/promises";
import path from "node:path";
import {
  countStashes,
  OPERATION_MARKS,
  parseInterruptedBranch,
  type GitActivity,
} from "../../domain/custody/git-activity.js";
import { parseLooseRef } from "../../domain/custody/refs.js";
import { readHostileFile } from "./atomic-file.js";

const LIMITS = { ref: 1024, log: 1024 * 1024, packed: 16 * 1024 * 1024 } as const;
const BRANCH_FILES = ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"];

/** Reads stashes and operations in progress of a private git dir as text: the host never runs git there. */
export async function readActivity(gitDir: string): Promise<GitActivity> {
  const read = async (file: string, limit: number) =>
    (await isInside(gitDir, file)) ? (readHostileFile(path.join(gitDir, file), limit) ?? "") : "";
  const marks = await Promise.all(
    OPERATION_MARKS.map(async ([file, operation]) => ((await isThere(gitDir, file)) ? operation : undefined)),
  );
  const names = await Promise.all(BRANCH_FILES.map((file) => read(file, LIMITS.ref)));
  const hasStash =
    parseLooseRef(await read("refs/stash", LIMITS.ref)) !== undefined ||
    /^[0-9a-f]{40,64} refs\/stash$/m.test(await read("packed-refs", LIMITS.packed));
  return {
    stashes: countStashes(hasStash, hasStash ? await read("logs/refs/stash", LIMITS.log) : ""),
    operations: [...new Set(marks.filter((mark) => mark !== undefined))],
    interruptedBranch: names
      .filter((name) => name !== "")
      .map(parseInterruptedBranch)
      .find((ref) => ref !== undefined),
  };
}

async function isThere(gitDir: string, file: string): Promise<boolean> {
  if (!(await isInside(gitDir, file))) return false;
  return lstat(path.join(gitDir, file)).then(
    () => true,
    () => false,
  );
}

/** Whether every directory on the way is one: a link could lead anywhere on the host. */
async function isInside(gitDir: string, file: string): Promise<boolean> {
  const parts = path.dirname(file).split("/");
  for (let depth = 1; depth <= parts.length; depth += 1) {
    if (!(await isRealDirectory(path.join(gitDir, ...parts.slice(0, depth))))) return false;
  }
  return true;
}

async function isRealDirectory(file: string): Promise<boolean> {
  return lstat(file).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
