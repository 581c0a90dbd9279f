import { lstatSync, renameSync, rmSync } from "node:fs";
import type { GitHooks } from "../../app/ports-checks.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import {
  CHECKS_MARKER,
  GIT_HOOKS,
  hookScript,
  isOurHook,
  ownHookName,
  type GitHook,
} from "../../domain/checks/hook-scripts.js";
import { readHostileFile } from "./atomic-file.js";
import { isBlocked, unlessBlocked, withDirectory, withInside } from "./inside.js";
import { translateFileError } from "./translate.js";
import { writeInto } from "./write-into.js";

const DIRECTORY = "hooks";
const PROGRAM = 0o755;
const LIMIT = 64 * 1024;

/** A git dir can be an agent's: all goes through opened directories, and what is read is hostile text. */
export const gitHooks: GitHooks = {
  install(gitDir, hasChecks) {
    return inHooks(gitDir, (at) => {
      setMarker(at, hasChecks);
      return GIT_HOOKS.filter((hook) => !writeHook(at, hook));
    });
  },
  mark(gitDir, hasChecks) {
    const hasOurs = unlessBlocked(() =>
      withDirectory(`${gitDir}/${DIRECTORY}`, (at) => isOurs(at, "pre-commit")),
    );
    if (hasOurs !== true) return;
    inHooks(gitDir, (at) => {
      setMarker(at, hasChecks);
    });
  },
};

function inHooks<T>(gitDir: string, work: (at: string) => T): T {
  try {
    return withInside(gitDir, DIRECTORY, { make: true }, work);
  } catch (error) {
    const code = systemErrorCode(error);
    if (!isBlocked(error) && !["EISDIR", "ERR_FS_EISDIR"].includes(code ?? ""))
      throw translateFileError(error, `cannot write ${gitDir}/${DIRECTORY}`);
    throw new DevkitError(
      "E_WORK_IN_THE_WAY",
      `devkit's git hooks cannot be written to ${gitDir}/${DIRECTORY}`,
      {
        hint: `look at what stands there, and move it away: ls -ld ${gitDir}/${DIRECTORY}`,
        details: { directory: `${gitDir}/${DIRECTORY}`, systemCode: code },
        cause: error,
      },
    );
  }
}

/** False: somebody else's hook stands there, and another of theirs where it would go. */
function writeHook(at: string, hook: GitHook): boolean {
  const [file, own] = [`${at}/${hook}`, `${at}/${ownHookName(hook)}`];
  const info = lstatSync(file, { throwIfNoEntry: false });
  const present = info && readHostileFile(file, LIMIT);
  if (info !== undefined && !isOurHook(present ?? "")) {
    if (lstatSync(own, { throwIfNoEntry: false }) !== undefined) return false;
    renameSync(file, own);
  }
  const text = hookScript(hook);
  const isCurrent = info !== undefined && (info.mode & 0o777) === PROGRAM && present === text;
  if (!isCurrent) writeInto(at, hook, text, PROGRAM);
  return true;
}

function isOurs(at: string, hook: GitHook): boolean {
  return isOurHook(readHostileFile(`${at}/${hook}`, LIMIT) ?? "");
}

function setMarker(at: string, hasChecks: boolean): void {
  if (!hasChecks) rmSync(`${at}/${CHECKS_MARKER}`, { force: true });
  else if (lstatSync(`${at}/${CHECKS_MARKER}`, { throwIfNoEntry: false }) === undefined)
    writeInto(at, CHECKS_MARKER, "There are checks: devkit check list\n", 0o644);
}
