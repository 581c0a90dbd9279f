import type { Dirent } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import path from "node:path";
import { createLimiter } from "../../base/concurrency.js";
import { systemErrorCode } from "../../base/errors.js";
import {
  BAD_NAME,
  isSafeRefName,
  parseHead,
  parseLooseRef,
  parsePackedHeads,
  refuseRef,
  type RefusedRef,
} from "../../domain/custody/refs.js";
import type { AgentRefs } from "../../domain/custody/sync-plan.js";
import { readHostileFile } from "./atomic-file.js";

const LIMITS = {
  head: 1024,
  ref: 256,
  packed: 16 * 1024 * 1024,
  entries: 5_000,
  depth: 12,
  refused: 20,
} as const;

/**
 * Reads HEAD and the local branches of a private git dir as text: the host never runs git there, because everything
 * in it is the agent's. Undefined when there is no readable HEAD.
 */
export async function readAgentRefs(gitDir: string): Promise<AgentRefs | undefined> {
  const head = parseHead((await readHostileFile(path.join(gitDir, "HEAD"), LIMITS.head)) ?? "");
  if (head === undefined) return undefined;
  const found: Found = { heads: new Map(), refused: [], entries: 0, limit: createLimiter(READS_AT_ONCE) };
  // Loose refs first: they are the newer ones, and however many are packed, these are not crowded out.
  if ((await kindOf(path.join(gitDir, "refs"))) === "directory") {
    // The one it works on before all others, which may be too many.
    if (head.kind === "branch") await addHead(gitDir, head.ref, found);
    await addLooseRefs(gitDir, "refs/heads", found, 0);
  }
  await addPackedRefs(path.join(gitDir, "packed-refs"), found);
  return { head, heads: found.heads, refused: found.refused.slice(0, LIMITS.refused) };
}

interface Found {
  readonly heads: Map<string, string>;
  readonly refused: RefusedRef[];
  /** Everything looked at, junk too. */
  entries: number;
  readonly limit: ReturnType<typeof createLimiter>;
}

const READS_AT_ONCE = 32;

const TOO_MANY = `there are more than ${String(LIMITS.entries)} of them`;

async function addLooseRefs(gitDir: string, prefix: string, found: Found, depth: number): Promise<void> {
  const directory = path.join(gitDir, prefix);
  const kind = await kindOf(directory);
  if (kind === "absent") return;
  if (kind === "other" || depth > LIMITS.depth) {
    found.refused.push(refuseRef(prefix, kind === "other" ? NO_FILE : "its name has too many parts"));
    return;
  }
  const reading: Promise<void>[] = [];
  try {
    for await (const entry of await opendir(directory)) {
      found.entries += 1;
      if (found.entries > LIMITS.entries) {
        found.refused.unshift(refuseRef(prefix, TOO_MANY));
        break;
      }
      reading.push(addLooseRef(gitDir, { prefix, entry, depth }, found));
    }
    await Promise.all(reading);
  } catch (error) {
    await Promise.allSettled(reading);
    // The agent took it away while it was read, or closed it.
    if (systemErrorCode(error) === undefined) throw error;
    if (systemErrorCode(error) !== "ENOENT") found.refused.push(refuseRef(prefix, "it cannot be read"));
  }
}

async function addHead(gitDir: string, ref: string, { heads }: Found): Promise<void> {
  const oid = parseLooseRef((await readHostileFile(path.join(gitDir, ref), LIMITS.ref)) ?? "");
  if (oid !== undefined && ref.startsWith("refs/heads/")) heads.set(ref, oid);
}

const NO_FILE = "it is neither a file nor a directory";

async function addLooseRef(
  gitDir: string,
  { prefix, entry, depth }: { prefix: string; entry: Dirent; depth: number },
  found: Found,
): Promise<void> {
  const ref = `${prefix}/${entry.name}`;
  // No refs of git's: what it locks them with, and what devkit keeps an empty directory with.
  if (entry.name.startsWith(".") || entry.name.endsWith(".lock")) return;
  if (!isSafeRefName(ref)) found.refused.push(refuseRef(ref, BAD_NAME));
  else if (entry.isDirectory()) await addLooseRefs(gitDir, ref, found, depth + 1);
  else if (!entry.isFile()) found.refused.push(refuseRef(ref, NO_FILE));
  else {
    const text = (await found.limit(() => readHostileFile(path.join(gitDir, ref), LIMITS.ref))) ?? "";
    const oid = parseLooseRef(text);
    if (oid !== undefined) found.heads.set(ref, oid);
    // Another name of a ref has no commits of its own.
    else if (!text.startsWith("ref: ")) found.refused.push(refuseRef(ref, "it holds no object id"));
  }
}

async function addPackedRefs(file: string, found: Found): Promise<void> {
  const text = await readHostileFile(file, LIMITS.packed);
  if (text === undefined) {
    const size = await lstat(file).then(
      (info) => info.size,
      () => 0,
    );
    if (size > LIMITS.packed) found.refused.unshift(refuseRef("packed-refs", "it is larger than 16 MB"));
    return;
  }
  const packed = parsePackedHeads(text);
  found.refused.push(...packed.refused);
  for (const [ref, oid] of packed.heads) {
    if (found.heads.has(ref)) continue;
    if (found.heads.size >= LIMITS.entries) {
      found.refused.unshift(refuseRef("packed-refs", TOO_MANY));
      return;
    }
    found.heads.set(ref, oid);
  }
}

/** A link to a directory is none: it could lead anywhere on the host. */
async function kindOf(file: string): Promise<"directory" | "absent" | "other"> {
  return lstat(file).then(
    (info) => (info.isDirectory() ? "directory" : "other"),
    () => "absent",
  );
}

export async function isDirectory(file: string): Promise<boolean> {
  return (await kindOf(file)) === "directory";
}
