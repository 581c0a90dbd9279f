import { chmod, lstat, mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { createLimiter } from "../../base/concurrency.js";
import { systemErrorCode } from "../../base/errors.js";
import { atBytes, copyEntry, type BytePath } from "./copy-entry.js";
import { withFileErrors } from "./translate.js";

/** Copies at once: enough to keep a disk busy without holding many files open. */
const CONCURRENCY = 16;

/** Which files are not there yet and could be put there without replacing anything or going through a link. */
export async function findPlaces(
  root: string,
  files: readonly BytePath[],
): Promise<{ free: BytePath[]; blocked: BytePath[] }> {
  const places = await Promise.all(files.map(createFinder(root)));
  return {
    free: files.filter((_, position) => typeof places[position]?.missing === "string"),
    blocked: files.filter((_, position) => places[position]?.blocked === true),
  };
}

/**
 * Copies files below `from` to the same places below `to` where there is nothing yet. They are put together aside, all
 * of the topmost directory that is missing at once, and get into place by one rename: cut off anywhere, a file is there
 * whole or not at all, and a second run goes on. Answers those that cannot be read.
 */
export async function copyMissing(from: string, to: string, files: readonly BytePath[]): Promise<BytePath[]> {
  const aside = path.join(path.dirname(to), `.copying-${path.basename(to)}`);
  return withFileErrors(`cannot copy files to ${to}`, async () => {
    await rm(aside, { recursive: true, force: true });
    const groups = await groupByPlace(to, files);
    if (groups.size === 0) return [];
    await mkdir(aside);
    const unreadable: BytePath[] = [];
    for (const [place, members] of groups) {
      unreadable.push(...(await stage(from, aside, place, members)));
      const staged = path.join(aside, "next");
      // Nothing was staged when none of it could be read, or all is gone by now.
      await rename(staged, atBytes(to, place)).catch((error: unknown) => {
        if (systemErrorCode(error) !== "ENOENT") throw error;
      });
    }
    await rm(aside, { recursive: true, force: true });
    return unreadable;
  });
}

/** Copies the members of one place to `<aside>/next`, directories with the modes they have in the source. */
async function stage(
  from: string,
  aside: string,
  place: BytePath,
  members: readonly BytePath[],
): Promise<BytePath[]> {
  const limit = createLimiter(CONCURRENCY);
  const made = new Map<BytePath, Promise<unknown>>();
  const stagedAt = (file: BytePath) => atBytes(aside, `next${file.slice(place.length)}`);
  const makeDirectory = (directory: BytePath): Promise<unknown> => {
    if (directory !== place && !directory.startsWith(`${place}/`)) return Promise.resolve();
    const making =
      made.get(directory) ??
      makeDirectory(path.posix.dirname(directory)).then(() => mkdir(stagedAt(directory)));
    made.set(directory, making);
    return making;
  };
  const failed = await Promise.all(
    members.map((file) =>
      limit(async () => {
        await makeDirectory(path.posix.dirname(file));
        return (await copyEntry(atBytes(from, file), stagedAt(file))) ? [] : [file];
      }),
    ),
  );
  for (const directory of made.keys()) {
    const { mode } = await lstat(atBytes(from, directory));
    await chmod(stagedAt(directory), (mode & 0o777) | 0o700);
  }
  return failed.flat();
}

/** The files that are to be put in place together, by the topmost path that is missing. */
async function groupByPlace(root: string, files: readonly BytePath[]): Promise<Map<BytePath, BytePath[]>> {
  const find = createFinder(root);
  const groups = new Map<BytePath, BytePath[]>();
  for (const file of files) {
    const { missing } = await find(file);
    if (missing === undefined) continue;
    const members = groups.get(missing);
    if (members === undefined) groups.set(missing, [file]);
    else members.push(file);
  }
  return groups;
}

interface Place {
  /** The topmost part of the path that is missing. */
  readonly missing?: BytePath;
  /** One of its directories is something else. */
  readonly blocked?: boolean;
}

function createFinder(root: string): (file: BytePath) => Promise<Place> {
  const known = new Map<BytePath, Promise<"directory" | "other" | "missing">>();
  const look = (file: BytePath) => {
    const looking = known.get(file) ?? kindOf(atBytes(root, file));
    known.set(file, looking);
    return looking;
  };
  return async (file) => {
    const parts = file.replace(/\/$/, "").split("/");
    for (const [position] of parts.entries()) {
      const part = parts.slice(0, position + 1).join("/");
      const kind = await look(part);
      if (kind === "missing") return { missing: part };
      if (kind === "other") return position === parts.length - 1 ? {} : { blocked: true };
    }
    return {};
  };
}

async function kindOf(file: Buffer): Promise<"directory" | "other" | "missing"> {
  try {
    return (await lstat(file)).isDirectory() ? "directory" : "other";
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return "missing";
    throw error;
  }
}
