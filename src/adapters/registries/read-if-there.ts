import { readFile } from "node:fs/promises";

/** The text of a settings file; undefined when it is not there or may not be read. */
export async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
