import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { parseMergeJournal, type MergeJournal } from "../../domain/custody/merge.js";
import { systemErrorCode } from "../../base/errors.js";
import { replaceFile } from "./atomic-file.js";
import { translateFileError, withFileErrors } from "./translate.js";

/** `.devkit/merge.json`: there only while a merge writes the files of a worktree, and after one that was killed. */
export function createMergeJournal(devkitDir: string): {
  read(): Promise<MergeJournal | undefined>;
  write(journal: MergeJournal): Promise<void>;
  remove(): Promise<void>;
} {
  const file = path.join(devkitDir, "merge.json");
  return {
    async read() {
      try {
        return parseMergeJournal(await readFile(file, "utf8"));
      } catch (error) {
        if (systemErrorCode(error) === "ENOENT") return undefined;
        throw translateFileError(error, `cannot read ${file}`);
      }
    },
    write: (journal) => replaceFile(file, `${JSON.stringify(journal, undefined, 2)}\n`),
    remove: () => withFileErrors(`cannot remove ${file}`, () => rm(file, { force: true })),
  };
}
