import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { HomeFile, HomeFiles } from "../../app/ports-identity.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import { readHostileFile } from "./atomic-file.js";
import { isBlocked, unlessBlocked, withInside } from "./inside.js";
import { translateFileError } from "./translate.js";

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Directories that are made in a home: what is in them is the agent's own business. */
const OWN = 0o700;

/** Each file is reached through open directories, so that an agent that swaps one for a link leads nobody astray. */
export const homeFiles: HomeFiles = {
  write({ home }, files) {
    for (const file of files)
      inHome(home, file.path, { make: true }, (at) => {
        writeAt(at, file);
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

function writeAt(directory: string, { path: file, mode, content }: HomeFile): void {
  const temporary = `${directory}/.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`;
  const descriptor = openSync(temporary, NEW_FILE, 0o600);
  try {
    writeFileSync(descriptor, content);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
    renameSync(temporary, `${directory}/${path.basename(file)}`);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
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
