import { lstat } from "node:fs/promises";

/** Whether there is anything under this name; a link counts, wherever it leads. What cannot be looked at is not there. */
export async function hasEntry(file: string | Buffer): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
