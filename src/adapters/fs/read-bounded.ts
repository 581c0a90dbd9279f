import { constants, createReadStream, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { addAbortSignal, Readable } from "node:stream";

export interface NamedInput {
  /** A path, or `-` for standard input; also a pipe: `<(pass show codex)`. */
  readonly file: string;
  readonly stdin: () => AsyncIterable<unknown>;
  /** Bytes; what has no end is not read for ever. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** The text of what the user names; undefined: it is larger than the limit. Throws what the system says, or the signal's reason. */
export async function readBounded({ file, stdin, limit, signal }: NamedInput): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const stream = file === "-" ? stdin() : openStream(file, limit);
    if (stream instanceof Readable) addAbortSignal(signal, stream);
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk as Buffer));
      size += (chunk as Buffer).length;
      if (size > limit) return undefined;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Waiting for a pipe to be opened, or read as a file is, could not be ended by anything: not even this process would end. */
function openStream(file: string, limit: number): Readable {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  return fstatSync(fd).isFIFO()
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream(file, { fd, end: limit });
}
