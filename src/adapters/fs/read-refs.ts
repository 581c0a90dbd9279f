import { lstatSync, opendirSync, type Dirent } from "node:fs";
import path from "node:path";
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
export function readAgentRefs(gitDir: string): AgentRefs | undefined {
  const head = parseHead(readHostileFile(path.join(gitDir, "HEAD"), LIMITS.head) ?? "");
  if (head === undefined) return undefined;
  const found: Found = { heads: new Map(), refused: [], entries: 0 };
  // Loose refs first: they are the newer ones, and however many are packed, these are not crowded out.
  if (kindOf(path.join(gitDir, "refs")) === "directory") {
    // The one it works on before all others, which may be too many.
    if (head.kind === "branch") addHead(gitDir, head.ref, found);
    addLooseRefs(gitDir, "refs/heads", found, 0);
  }
  addPackedRefs(path.join(gitDir, "packed-refs"), found);
  return { head, heads: found.heads, refused: found.refused.slice(0, LIMITS.refused) };
}

interface Found {
  readonly heads: Map<string, string>;
  readonly refused: RefusedRef[];
  /** Everything looked at, junk too. */
  entries: number;
}

const TOO_MANY = `there are more than ${String(LIMITS.entries)} of them`;

function addLooseRefs(gitDir: string, prefix: string, found: Found, depth: number): void {
  const directory = path.join(gitDir, prefix);
  const kind = kindOf(directory);
  if (kind === "absent") return;
  if (kind === "other" || depth > LIMITS.depth) {
    found.refused.push(refuseRef(prefix, kind === "other" ? NO_FILE : "its name has too many parts"));
    return;
  }
  try {
    for (const entry of entriesOf(directory)) {
      found.entries += 1;
      if (found.entries > LIMITS.entries) {
        found.refused.unshift(refuseRef(prefix, TOO_MANY));
        return;
      }
      addLooseRef(gitDir, { prefix, entry, depth }, found);
    }
  } catch (error) {
    // The agent took it away while it was read, or closed it.
    if (systemErrorCode(error) === undefined) throw error;
    if (systemErrorCode(error) !== "ENOENT") found.refused.push(refuseRef(prefix, "it cannot be read"));
  }
}

/** One by one: a directory can have more entries than anybody wants to hold. */
function* entriesOf(directory: string): Generator<Dirent> {
  const open = opendirSync(directory);
  try {
    for (let entry = open.readSync(); entry !== null; entry = open.readSync()) yield entry;
  } finally {
    open.closeSync();
  }
}

function addHead(gitDir: string, ref: string, { heads }: Found): void {
  const oid = parseLooseRef(readHostileFile(path.join(gitDir, ref), LIMITS.ref) ?? "");
  if (oid !== undefined && ref.startsWith("refs/heads/")) heads.set(ref, oid);
}

const NO_FILE = "it is neither a file nor a directory";

function addLooseRef(
  gitDir: string,
  { prefix, entry, depth }: { prefix: string; entry: Dirent; depth: number },
  found: Found,
): void {
  const ref = `${prefix}/${entry.name}`;
  // No refs of git's: what it locks them with, and what devkit keeps an empty directory with.
  if (entry.name.startsWith(".") || entry.name.endsWith(".lock")) return;
  if (!isSafeRefName(ref)) found.refused.push(refuseRef(ref, BAD_NAME));
  else if (entry.isDirectory()) addLooseRefs(gitDir, ref, found, depth + 1);
  else if (!entry.isFile()) found.refused.push(refuseRef(ref, NO_FILE));
  else {
    const text = readHostileFile(path.join(gitDir, ref), LIMITS.ref) ?? "";
    const oid = parseLooseRef(text);
    if (oid !== undefined) found.heads.set(ref, oid);
    // Another name of a ref has no commits of its own.
    else if (!text.startsWith("ref: ")) found.refused.push(refuseRef(ref, "it holds no object id"));
  }
}

function addPackedRefs(file: string, found: Found): void {
  const text = readHostileFile(file, LIMITS.packed);
  if (text === undefined) {
    const size = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
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
function kindOf(file: string): "directory" | "absent" | "other" {
  try {
    const info = lstatSync(file, { throwIfNoEntry: false });
    if (info === undefined) return "absent";
    return info.isDirectory() ? "directory" : "other";
  } catch {
    return "absent";
  }
}

export function isDirectory(file: string): boolean {
  return kindOf(file) === "directory";
}
