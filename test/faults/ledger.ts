import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";

/** All that was ever made, and so must still be somewhere. What agents make they write down themselves, in a directory mounted into all. */
export interface Ledger {
  /** On the host; `/ledger` inside. */
  readonly dir: string;
  add(kind: Kept, what: string): Promise<void>;
  list(kind: Kept): Promise<string[]>;
}

/** Ids of commits; words that only one file has in it; ids of tasks; names that agents may reach. */
export type Kept = "commits" | "drafts" | "tasks" | "allowed";

export async function createLedger(dir: string): Promise<Ledger> {
  await mkdir(dir, { recursive: true });
  return {
    dir,
    add: (kind, what) => appendFile(path.join(dir, kind), `${what}\n`),
    async list(kind) {
      const text = await readFile(path.join(dir, kind), "utf8").catch(() => "");
      return [...new Set(text.split("\n").filter((line) => line !== ""))];
    },
  };
}

/** A shell script for an agent: a commit, and a file that is in none. */
export function workScript(word: string): string {
  return [
    `echo ${word} >${word}.txt; git add ${word}.txt; git commit -qm ${word}`,
    "git rev-parse HEAD >>/ledger/commits",
    `echo draft-${word} >draft-${word}.txt; echo draft-${word} >>/ledger/drafts`,
  ].join("; ");
}
