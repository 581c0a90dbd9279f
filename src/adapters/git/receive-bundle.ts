import { statfs } from "node:fs/promises";
import { Readable } from "node:stream";
import type { IncomingBundle } from "../../app/ports-history.js";
import { DevkitError } from "../../base/errors.js";
import { runProcess } from "../process/run-process.js";
import { readBundleHeader } from "./bundle-header.js";
import { meter } from "./meter.js";
import { SAFE } from "./run-git.js";

/** As fetch.unpackLimit: few objects become loose ones, so that packs do not pile up with one per sync. */
const UNPACK_LIMIT = 100;
/** Stays free on the host's disk, whatever an agent sends: so much, or this part of a small disk. */
const RESERVED_BYTES = 512 * 1024 ** 2;
const RESERVED_PART = 0.02;
/** One object that git has to hold in memory: a few bytes that inflate to gigabytes end here. */
const ALLOC_LIMIT = "1g";

/**
 * Takes the objects of a bundle that an agent sends, every one checked, into the object directory that `env` names,
 * and moves no ref. Answers what the bundle says its refs are. `git fetch` does not do for bundles what
 * fetch.fsckObjects asks for (git < 2.46), so the pack goes to index-pack or unpack-objects directly.
 * @throws DevkitError E_PACK_REFUSED
 */
export async function receiveBundle(
  commonDir: string,
  env: Record<string, string>,
  { source, patienceMs }: IncomingBundle,
): Promise<ReadonlyMap<string, string>> {
  const maxBytes = await roomFor(commonDir);
  const bytes = meter(source, { maxBytes, patienceMs });
  try {
    const { refs, rest } = await readBundleHeader(bytes);
    const start = await readAtLeast(bytes, rest, PACK_HEADER_BYTES);
    const command =
      countOf(start) < UNPACK_LIMIT ? ["unpack-objects", "-q"] : ["index-pack", "--fix-thin", "--stdin"];
    const limit = `--max-input-size=${String(maxBytes)}`;
    const args = [...SAFE, `--git-dir=${commonDir}`, ...command, "--strict", limit];
    let broken: unknown;
    const input = Readable.from(
      remember(prepend(start, bytes), (error) => (broken = error)),
      { objectMode: false },
    );
    const result = await runProcess("git", args, {
      cwd: commonDir,
      env: { ...env, GIT_ALLOC_LIMIT: ALLOC_LIMIT },
      input,
    });
    if (broken !== undefined) throw broken as Error;
    if (result.exitCode !== 0) throw refusal(result.stderr);
    return refs;
  } finally {
    // Not awaited: it ends when the source does, which the caller sees to.
    void bytes.return();
  }
}

async function roomFor(commonDir: string): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(commonDir);
  const reserved = Math.min(RESERVED_BYTES, blocks * bsize * RESERVED_PART);
  return Math.max(0, Math.floor(bavail * bsize - reserved));
}

const PACK_HEADER_BYTES = 12;

async function readAtLeast(source: AsyncIterator<Buffer>, read: Buffer, length: number): Promise<Buffer> {
  while (read.length < length) {
    const next = await source.next();
    if (next.done === true) break;
    read = Buffer.concat([read, next.value]);
  }
  return read;
}

/** gitformat-pack(5): "PACK", version, number of objects. git itself looks at the rest. */
function countOf(start: Buffer): number {
  if (start.length < PACK_HEADER_BYTES || start.toString("latin1", 0, 4) !== "PACK") {
    throw new DevkitError("E_PACK_REFUSED", "the bundle that the agent sent has no pack in it");
  }
  return start.readUInt32BE(8);
}

async function* prepend(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  yield* rest;
}

/** A stream that breaks ends git's input, and git then says only that it is short. */
async function* remember(
  source: AsyncIterable<Buffer>,
  note: (error: unknown) => void,
): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch (error) {
    note(error);
  }
}

function refusal(stderr: string): DevkitError {
  if (/No space left on device/.test(stderr)) {
    return new DevkitError("E_DISK_FULL", "the agent's commits: the disk is full", {
      hint: "free some space and run the same command again; it goes on where it stopped",
    });
  }
  const lines = stderr.split("\n").map((line) => line.trim());
  const told =
    lines.find((line) => /^(error|fatal): /.test(line)) ?? lines.find((line) => line !== "") ?? "no reason";
  return new DevkitError(
    "E_PACK_REFUSED",
    `git refuses what the agent sent: ${told.replace(/^(error|fatal): /, "")}`,
    {
      details: { output: stderr.slice(0, 4000) },
    },
  );
}
