import type { WorktreeStatus } from "../../app/ports.js";

/** Counts `git status --porcelain -z` records; a rename's second path is a record of its own and is skipped. */
export function parseStatus(text: string): WorktreeStatus {
  const records = text.split("\0");
  let changed = 0;
  let untracked = 0;
  for (let position = 0; position < records.length; position += 1) {
    const code = records[position]?.slice(0, 2) ?? "";
    if (code === "") continue;
    if (code === "??") untracked += 1;
    else changed += 1;
    if (/[RC]/.test(code)) position += 1;
  }
  return { changed, untracked };
}
