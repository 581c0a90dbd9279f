import { lstat, opendir } from "node:fs/promises";
import path from "node:path";
import { isSafeRefName, parseHead, parseLooseRef, parsePackedHeads } from "../../domain/custody/refs.js";
import type { AgentRefs } from "../../domain/custody/sync-plan.js";
import { readHostileFile } from "./atomic-file.js";

const LIMITS = { head: 1024, ref: 256, packed: 16 * 1024 * 1024, refs: 10_000, depth: 12 } as const;

/**
 * Reads HEAD and the local branches of a private git dir as text: the host never runs git there, because everything
 * in it is the agent's. Undefined when there is no readable HEAD.
 */
export async function readAgentRefs(gitDir: string): Promise<AgentRefs | undefined> {
  const head = parseHead((await readHostileFile(path.join(gitDir, "HEAD"), LIMITS.head)) ?? "");
  if (head === undefined) return undefined;
  const heads = new Map<string, string>();
  // Loose refs first: they are the newer ones, and however many are packed, these are not crowded out.
  if (await isDirectory(path.join(gitDir, "refs"))) await addLooseRefs(gitDir, "refs/heads", heads, 0);
  const packed = parsePackedHeads(
    (await readHostileFile(path.join(gitDir, "packed-refs"), LIMITS.packed)) ?? "",
  );
  for (const [ref, oid] of packed) {
    if (heads.size >= LIMITS.refs) break;
    if (!heads.has(ref)) heads.set(ref, oid);
  }
  return { head, heads };
}

async function addLooseRefs(
  gitDir: string,
  prefix: string,
  heads: Map<string, string>,
  depth: number,
): Promise<void> {
  const directory = path.join(gitDir, prefix);
  if (depth > LIMITS.depth || !(await isDirectory(directory))) return;
  for await (const entry of await opendir(directory)) {
    const ref = `${prefix}/${entry.name}`;
    if (heads.size >= LIMITS.refs) return;
    if (!isSafeRefName(ref)) continue;
    if (entry.isDirectory()) {
      await addLooseRefs(gitDir, ref, heads, depth + 1);
    } else if (entry.isFile()) {
      const oid = parseLooseRef((await readHostileFile(path.join(gitDir, ref), LIMITS.ref)) ?? "");
      if (oid !== undefined) heads.set(ref, oid);
    }
  }
}

/** A link to a directory is none: it could lead anywhere on the host. */
async function isDirectory(file: string): Promise<boolean> {
  return lstat(file).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
