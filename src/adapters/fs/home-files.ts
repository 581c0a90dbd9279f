import { lstatSync, unlinkSync } from "node:fs";
import path from "node:path";
import type { HomeFiles } from "../../app/ports-identity.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import { readHostileFile } from "./atomic-file.js";
import { isBlocked, unlessBlocked, withInside } from "./inside.js";
import { translateFileError } from "./translate.js";
import { writeInto } from "./write-into.js";

/** Directories that are made in a home: what is in them is the agent's own business. */
const OWN = 0o700;

/** Each file is reached through open directories, so that an agent that swaps one for a link leads nobody astray. */
export const homeFiles: HomeFiles = {
  write({ home }, files) {
    for (const file of files)
      inHome(home, file.path, { make: true }, (at) => {
        writeInto(at, path.basename(file.path), file.content, file.mode);
      });
  },
  read({ home }, file, limit) {
    const read = (at: string) => readHostileFile(`${at}/${path.basename(file)}`, limit);
    return unlessBlocked(() => inHome(home, file, { make: false }, read));
  },
  mode({ home }, file) {
    const look = (at: string) => lstatSync(`${at}/${path.basename(file)}`).mode & 0o777;
    return unlessBlocked(() => inHome(home, file, { make: false }, look));
  },
  remove({ home }, files) {
    for (const file of files) {
      unlessBlocked(() => {
        inHome(home, file, { make: false }, (at) => {
          unlinkFile(`${at}/${path.basename(file)}`);
        });
      });
    }
  },
};

/** A directory in its place is the agent's, and no such file. */
function unlinkFile(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (systemErrorCode(error) !== "EISDIR") throw error;
  }
}

function inHome<T>(home: string, file: string, { make }: { make: boolean }, work: (at: string) => T): T {
  const options = make ? { make, mode: OWN } : { make };
  try {
    return withInside(home, path.dirname(file), options, work);
  } catch (error) {
    const code = systemErrorCode(error) ?? "";
    if (make && (isBlocked(error) || ["EISDIR", "ENOTEMPTY"].includes(code))) {
      throw new DevkitError(
        "E_HOME",
        `something of the agent's stands in the place of ~/${file} in its home`,
        {
          hint: `look at it, and move it away: ls -ld ${home}/${file} ${home}/${path.dirname(file)}`,
          details: { home, file, systemCode: code },
          cause: error,
        },
      );
    }
    throw isBlocked(error) ? error : translateFileError(error, `cannot use ~/${file} of ${home}`);
  }
}
