import { readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";
import { replaceFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

/**
 * Replaces the text of a file of the user's, which need not be there, whole or not at all; a link to it stays one.
 * `change` can refuse by throwing.
 */
export async function editFile(file: string, change: (text: string) => Promise<string>): Promise<void> {
  const place = await withFileErrors(`cannot read ${file}`, () => findPlace(file));
  const before = await withFileErrors(`cannot read ${file}`, () =>
    place.mode === undefined ? Promise.resolve("") : readFile(place.path, "utf8"),
  );
  const after = await change(before);
  if (after !== before) await replaceFile(place.path, after, path.dirname(place.path), place.mode);
}

/** No mode: there is no such file yet. */
async function findPlace(file: string): Promise<{ path: string; mode?: number }> {
  try {
    const real = await realpath(file);
    return { path: real, mode: (await stat(real)).mode & 0o777 };
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return { path: file };
    throw error;
  }
}
