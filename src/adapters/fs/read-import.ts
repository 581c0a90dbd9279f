import { constants, createReadStream, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { addAbortSignal, Readable } from "node:stream";
import { DevkitError } from "../../base/errors.js";
import { LOGIN_LIMIT } from "../../domain/logins/login-json.js";
import { reasonOf } from "./reason-of.js";

export interface ImportSource {
  /** A path, or `-` for standard input; also a pipe: `<(pass show codex)`. */
  readonly file: string;
  readonly stdin: () => AsyncIterable<unknown>;
  readonly signal: AbortSignal;
}

/** The text of a login that the user names. @throws DevkitError E_LOGIN */
export async function readImport({ file, stdin, signal }: ImportSource): Promise<string> {
  const what = file === "-" ? "standard input" : file;
  const refuse = (problem: string, cause?: unknown) =>
    new DevkitError("E_LOGIN", `${what} ${problem}`, {
      hint: "give the file in which the program keeps its login, such as ~/.codex/auth.json",
      details: { file },
      cause,
    });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const stream = file === "-" ? stdin() : openStream(file);
    if (stream instanceof Readable) addAbortSignal(signal, stream);
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk as Buffer));
      size += (chunk as Buffer).length;
      if (size > LOGIN_LIMIT) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw refuse(`cannot be read: ${reasonOf(error)}`, error);
  }
  if (size > LOGIN_LIMIT) throw refuse("is larger than any login");
  return Buffer.concat(chunks).toString("utf8");
}

/** Waiting for a pipe to be opened, or read as a file is, could not be ended by anything: not even this process would end. */
function openStream(file: string): Readable {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  return fstatSync(fd).isFIFO()
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream(file, { fd, end: LOGIN_LIMIT });
}
