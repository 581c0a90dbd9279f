import { findStrangeGitlink } from "./gitlinks.js";
import { tryGit, type ObjectView } from "./object-view.js";

/** Which of these commits are here with everything they need, as git itself checks after a fetch. */
export async function findConnected(view: ObjectView, oids: readonly string[]): Promise<ReadonlySet<string>> {
  const present = await findPresent(view, oids);
  if (await areConnected(view, present)) return new Set(present);
  // Rare: something is broken. What is not whole is asked for again, or refused.
  const found = new Set<string>();
  for (const oid of present) if (await areConnected(view, [oid])) found.add(oid);
  return found;
}

async function areConnected(view: ObjectView, oids: readonly string[]): Promise<boolean> {
  if (oids.length === 0) return true;
  const args = ["rev-list", "--objects", "--quiet", "--stdin", "--not", "--all"];
  return (await tryGit(view, args, oids.map((oid) => `${oid}\n`).join(""))).exitCode === 0;
}

async function findPresent(view: ObjectView, oids: readonly string[]): Promise<string[]> {
  if (oids.length === 0) return [];
  const args = ["cat-file", "--batch-check=%(objectname) %(objecttype)"];
  const { stdout } = await tryGit(view, args, oids.map((oid) => `${oid}\n`).join(""));
  const commits = stdout.split("\n").filter((line) => line.endsWith(" commit"));
  return commits.map((line) => line.slice(0, line.indexOf(" ")));
}

/**
 * Why commits may not have a ref, by commit: parts of it are missing, or it embeds a repository that is no
 * submodule of the user's.
 */
export async function findFaults(
  view: ObjectView,
  oids: readonly string[],
  allowsGitlinks: () => Promise<boolean>,
): Promise<ReadonlyMap<string, string>> {
  const faults = new Map<string, string>();
  const connected = await findConnected(view, oids);
  for (const oid of oids) if (!connected.has(oid)) faults.set(oid, "parts of it are missing");
  const whole = [...connected];
  const strange = await findStrangeGitlink(view, whole);
  if (strange === undefined || (await allowsGitlinks())) return faults;
  for (const oid of whole) {
    const own = whole.length === 1 ? strange : await findStrangeGitlink(view, [oid]);
    if (own !== undefined) faults.set(oid, own);
  }
  return faults;
}
