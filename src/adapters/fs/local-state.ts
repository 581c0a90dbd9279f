import { lstatSync, unlinkSync } from "node:fs";
import type { OpenLocalState } from "../../app/ports-local-state.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import {
  formatLocalHead,
  formatLocalTopic,
  formatStaged,
  LOCAL_FILES,
  LOCAL_LIMITS,
  parseLocalHead,
  parseLocalTopic,
  parseStaged,
  type LocalFile,
} from "../../domain/checks/local-files.js";
import { readHostileFile } from "./atomic-file.js";
import { findInside, isBlocked, withInside } from "./inside.js";
import { translateFileError } from "./translate.js";
import { writeInto } from "./write-into.js";

const DIRECTORY = ".devkit";
const READABLE = 0o644;

/** Read and written through opened directories: an agent that swaps one for a link leads nobody astray. */
export const openLocalState: OpenLocalState = (worktree) => {
  const find = (file: LocalFile) =>
    findInside(worktree, DIRECTORY, (at) =>
      readHostileFile(`${at}/${LOCAL_FILES[file]}`, LOCAL_LIMITS[file]),
    );
  const set = (file: LocalFile, text: string | undefined) => {
    replaceIn(worktree, LOCAL_FILES[file], text);
  };
  return {
    head: () => parseLocalHead(find("head") ?? ""),
    setHead(id) {
      set("head", id && formatLocalHead(id));
    },
    staged: () => parseStaged(find("staged") ?? ""),
    setStaged(staged) {
      set("staged", staged.length === 0 ? undefined : formatStaged(staged));
    },
    topic: () => parseLocalTopic(find("topic") ?? ""),
    setTopic(id) {
      set("topic", id && formatLocalTopic(id));
    },
  };
};

function replaceIn(worktree: string, name: string, text: string | undefined): void {
  try {
    const make = text !== undefined;
    withInside(worktree, DIRECTORY, { make }, (at) => {
      if (make) writeIgnored(at, name, text);
      else unlinkSync(`${at}/${name}`);
    });
  } catch (error) {
    const code = systemErrorCode(error) ?? "";
    if (text === undefined && ["ENOENT", "ENOTDIR", "ELOOP"].includes(code)) return;
    if (!isBlocked(error) && !["EISDIR", "ENOTEMPTY"].includes(code))
      throw translateFileError(error, `cannot write ${worktree}/${DIRECTORY}/${name}`);
    throw new DevkitError("E_WORK_IN_THE_WAY", `${DIRECTORY}/${name} of ${worktree} cannot be written`, {
      hint: `look at what stands there, and move it away: ls -ld ${worktree}/${DIRECTORY} ${worktree}/${DIRECTORY}/${name}`,
      details: { worktree, file: name, systemCode: code },
      cause: error,
    });
  }
}

/** Whatever else says so or not: git never shows these files. */
function writeIgnored(directory: string, name: string, text: string): void {
  if (lstatSync(`${directory}/.gitignore`, { throwIfNoEntry: false }) === undefined)
    writeInto(directory, ".gitignore", "*\n", READABLE);
  writeInto(directory, name, text, READABLE);
}
