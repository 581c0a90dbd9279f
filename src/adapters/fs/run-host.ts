import { createWriteStream } from "node:fs";
import {
  appendFile,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
} from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";
import type { Proof, RunHost } from "../../app/ports-runs.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { isWithin } from "../../domain/custody/mounts.js";
import { writeNewFile } from "./atomic-file.js";
import { STAGING_MARK } from "./ephemeral-store.js";
import { removeTree } from "./trees.js";
import { translateFileError, withFileErrors } from "./translate.js";

export const runHost: Omit<RunHost, "writeBundle" | "keep"> = {
  async beginProof(directory, notIn) {
    await refuseAgents(directory, notIn);
    await refuseTaken(directory);
    const parent = path.dirname(directory);
    const staging = await withFileErrors(`cannot write in ${parent}`, async () => {
      await mkdir(parent, { recursive: true });
      const made = await mkdtemp(path.join(parent, `.${path.basename(directory)}${STAGING_MARK}`));
      // It can be made. It is once there is something to go into it: by then it is written down who removes it if this is killed.
      await rmdir(made);
      return made;
    });
    return proofAt(staging, directory);
  },
  async sizeOf(directory, files) {
    let sum = 0;
    for (const file of files) {
      const at = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(file, "latin1")]);
      // One that is gone is a change too.
      sum += await lstat(at).then(
        ({ size }) => size,
        () => 0,
      );
    }
    return sum;
  },
  append: (file, text) => withFileErrors(`cannot write ${file}`, () => appendFile(file, text)),
};

function proofAt(staging: string, directory: string): Proof {
  const place = async (file: string) => {
    const at = path.join(staging, file);
    await mkdir(staging, { recursive: true, mode: 0o700 });
    await mkdir(path.dirname(at), { recursive: true });
    return at;
  };
  return {
    staging,
    open: (file) =>
      withFileErrors(`cannot write ${file} for ${directory}`, async () => openNew(await place(file))),
    write: (file, text) =>
      withFileErrors(`cannot write ${file} for ${directory}`, async () =>
        writeNewFile(await place(file), text, 0o644),
      ),
    remove: (file) =>
      withFileErrors(`cannot remove ${file} for ${directory}`, () =>
        rm(path.join(staging, file), { force: true }),
      ),
    async publish() {
      await refuseTaken(directory);
      await withFileErrors(`cannot make ${directory}`, async () => {
        await rename(staging, directory);
        // The rename itself has to outlive a power cut.
        const parent = await open(path.dirname(directory), "r");
        await parent.sync().finally(() => parent.close());
      });
    },
    abandon: () => removeTree(staging),
  };
}

async function openNew(file: string): Promise<Writable> {
  const handle = await open(file, "wx", 0o644);
  return createWriteStream(file, { fd: handle, flush: true });
}

async function refuseAgents(directory: string, notIn: readonly string[]): Promise<void> {
  const real = await realPlace(directory);
  const places = await Promise.all(notIn.map(realPlace));
  if (!places.some((place) => isWithin(real, place))) return;
  throw new DevkitError("E_USAGE", `${directory} is where agents can write`, {
    hint: "name a directory outside of .devkit and of agents' worktrees: --out proof",
  });
}

/** Where it is, or will be, once every link is followed. */
async function realPlace(file: string): Promise<string> {
  const parent = path.dirname(file);
  return realpath(file).catch(async () =>
    parent === file ? file : path.join(await realPlace(parent), path.basename(file)),
  );
}

/** An empty directory is as good as none. */
async function refuseTaken(directory: string): Promise<void> {
  const names = await namesIn(directory);
  if (names === undefined || names.length === 0) return;
  throw new DevkitError("E_WORK_IN_THE_WAY", `${directory} is there already`, {
    hint: `name another place with --out, or remove it: rm -r ${shellWord(directory)}`,
  });
}

async function namesIn(directory: string): Promise<readonly string[] | undefined> {
  try {
    const isDirectory = (await lstat(directory)).isDirectory();
    return isDirectory ? await readdir(directory) : [directory];
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw translateFileError(error, `cannot look at ${directory}`);
  }
}
