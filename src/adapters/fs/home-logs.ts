import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from "node:fs";
import { LOG_CAPS, type CutLog, type LogCap } from "../../domain/identity/home-logs.js";
import { findInside, isBlocked } from "./inside.js";

const PLAIN = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const MOST_FILES = 1000;
const CHUNK = 1024 ** 2;
const SQLITE = "SQLite format 3\0";

/** Cuts the logs of a home that are larger than they may be. */
export function cutLogs(home: string, caps: readonly LogCap[] = LOG_CAPS): CutLog[] {
  return caps.flatMap((cap): CutLog[] => {
    const found = findInside(home, cap.directory, (at) =>
      readdirSync(at)
        .filter((name) => cap.name.test(name))
        .slice(0, MOST_FILES)
        .flatMap((name) => {
          const cut = cutFile(`${at}/${name}`, cap);
          return cut === undefined ? [] : [{ path: `${cap.directory}/${name}`, ...cut }];
        }),
    );
    return found ?? [];
  });
}

function cutFile(at: string, { capBytes, keepBytes }: LogCap): Omit<CutLog, "path"> | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(at, PLAIN);
  } catch (error) {
    // A pipe nobody reads, a socket, a directory, or closed.
    if (isBlocked(error) || ["ENXIO", "EISDIR", "ETXTBSY"].some((code) => hasCode(error, code)))
      return undefined;
    throw error;
  }
  try {
    const { size, blocks, nlink, ...info } = fstatSync(descriptor);
    const isPlain = (info.mode & constants.S_IFMT) === constants.S_IFREG && nlink === 1;
    if (!isPlain || size <= capBytes || blocks * 512 <= capBytes || isDatabase(descriptor)) return undefined;
    return { bytes: size, kept: moveEndToFront(descriptor, size, keepBytes) };
  } finally {
    closeSync(descriptor);
  }
}

const hasCode = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;

function isDatabase(descriptor: number): boolean {
  const head = Buffer.alloc(SQLITE.length);
  readSync(descriptor, head, 0, head.length, 0);
  return head.toString("latin1") === SQLITE;
}

/**
 * In the file itself, which a tool may be writing to: one that appends goes on behind what is left. Until the file is
 * made shorter its end is still where it was, so that a run killed in between loses nothing of it.
 */
function moveEndToFront(descriptor: number, size: number, keepBytes: number): number {
  const chunk = Buffer.alloc(CHUNK);
  let [from, to] = [startOfLine(descriptor, size - keepBytes, chunk), 0];
  // Also what was written since; but not for as long as an agent likes.
  for (const end = size + keepBytes; from < end;) {
    const read = readSync(descriptor, chunk, 0, Math.min(chunk.length, end - from), from);
    if (read === 0) break;
    writeSync(descriptor, chunk, 0, read, to);
    from += read;
    to += read;
  }
  ftruncateSync(descriptor, to);
  return to;
}

/** Where the first whole line from here on begins; here, where lines are longer than that. */
function startOfLine(descriptor: number, from: number, chunk: Buffer): number {
  const read = readSync(descriptor, chunk, 0, chunk.length, from);
  const end = chunk.subarray(0, read).indexOf(0x0a);
  return end === -1 ? from : from + end + 1;
}
