import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Replaces a file of an opened directory whole or not at all; a link of that name is replaced, not followed. */
export function writeInto(directory: string, name: string, content: string, mode: number): void {
  const temporary = `${directory}/.${name}.${randomBytes(6).toString("hex")}.tmp`;
  const descriptor = openSync(temporary, NEW_FILE, 0o600);
  try {
    writeFileSync(descriptor, content);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
    renameSync(temporary, `${directory}/${name}`);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
