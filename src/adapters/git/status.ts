import type { WorktreeStatus } from "../../app/ports.js";

/** One file of `git status`: its two-letter code and its path. */
export interface StatusEntry {
  readonly code: string;
  readonly path: string;
}

/** Reads `git status --porcelain -z` records; a rename's second path is a record of its own and is skipped. */
export function parseStatusEntries(text: string): StatusEntry[] {
  const records = text.split("\0");
  const entries: StatusEntry[] = [];
  for (let position = 0; position < records.length; position += 1) {
    const code = records[position]?.slice(0, 2) ?? "";
    if (code === "") continue;
    entries.push({ code, path: records[position]?.slice(3) ?? "" });
    if (/[RC]/.test(code)) position += 1;
  }
  return entries;
}

export function parseStatus(text: string): WorktreeStatus {
  const entries = parseStatusEntries(text);
  const untracked = entries.filter(({ code }) => code === "??").length;
  return { changed: entries.length - untracked, untracked };
}
