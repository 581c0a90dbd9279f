import { isUtf8 } from "node:buffer";
import { lstat, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { type DevkitError, errorMessage, isDevkitError, systemErrorCode } from "../base/errors.js";
import { configError, type Position } from "./problems.js";
import { showText } from "../base/show-text.js";

/** Settings are some lines; what is far more is a mistake, or meant to keep devkit busy. */
const MAX_BYTES = 128 * 1024;

/** A settings file as read: no byte order mark, line ends as `\n`. */
export interface SourceFile {
  readonly path: string;
  /** For people: relative to the project root when inside it. */
  readonly shownAs: string;
  readonly text: string;
}

/**
 * Undefined when there is no such file.
 * @throws DevkitError E_CONFIG when there is something of that name that cannot be read as text.
 */
export async function findSourceFile(file: string, root: string): Promise<SourceFile | undefined> {
  const shownAs = showPath(file, root);
  const bytes = await readBytes(file, shownAs);
  if (bytes === undefined) return undefined;
  if (!isUtf8(bytes)) throw notUtf8(bytes, shownAs);
  // TextDecoder drops the mark. Carriage returns go because @iarna/toml refuses them after a comment.
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  return { path: file, shownAs, text };
}

function showPath(file: string, root: string): string {
  const relative = path.relative(root, file);
  const inside = relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
  return inside ? relative : file;
}

async function readBytes(file: string, shownAs: string): Promise<Buffer | undefined> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw fileError(shownAs, "is a directory, not a file");
    // Reading a pipe waits for a writer, and a device may never end.
    if (!found.isFile()) throw fileError(shownAs, "is not a regular file");
    if (found.size > MAX_BYTES) throw tooLarge(shownAs);
    return await readFile(file);
  } catch (error) {
    const code = isDevkitError(error) ? undefined : systemErrorCode(error);
    if (code === "ENOTDIR") return undefined;
    if (code === "ENOENT") {
      if (!(await isDanglingLink(file))) return undefined;
      throw fileError(shownAs, "is a link to a file that does not exist", error);
    }
    if (code === undefined) throw error;
    const reason = /^[A-Z0-9]+: ([^,]+)/.exec(errorMessage(error))?.[1] ?? code;
    throw fileError(shownAs, `cannot be read: ${reason}`, error);
  }
}

function tooLarge(shownAs: string): DevkitError {
  const message = `is larger than ${String(MAX_BYTES / 1024)} KiB, which no settings need`;
  return configError([{ file: shownAs, message, hint: `make ${showText(shownAs)} smaller` }]);
}

async function isDanglingLink(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isSymbolicLink();
  } catch {
    return false;
  }
}

function fileError(shownAs: string, message: string, cause?: unknown): DevkitError {
  const hint = `make ${showText(shownAs)} a readable file, or remove it`;
  return configError([{ file: shownAs, message, hint }], cause);
}

function notUtf8(bytes: Buffer, shownAs: string): DevkitError {
  const position = firstInvalid(bytes);
  const problem = { file: shownAs, ...position, message: "the file is not valid UTF-8" };
  return configError([{ ...problem, hint: `save ${showText(shownAs)} as UTF-8` }]);
}

/** Where the first bytes stand that are not UTF-8. */
function firstInvalid(bytes: Buffer): Position {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    const row = bytes.subarray(start, end === -1 ? undefined : end);
    if (!isUtf8(row) || end === -1) return { line, column: validCharacters(row) + 1 };
    start = end + 1;
  }
}

function validCharacters(row: Buffer): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  try {
    for (const byte of row) text += decoder.decode(Uint8Array.of(byte), { stream: true });
  } catch {
    // The byte that broke the sequence; what came before it counts.
  }
  return Array.from(text).length;
}
