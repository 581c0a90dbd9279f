import { lstat, mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { EgressStore } from "../../app/ports-egress.js";
import { systemErrorCode } from "../../base/errors.js";
import { GENERATION_FILE } from "../../domain/egress/egress-files.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";
import { removeTree } from "./trees.js";

/** Two logs of 4 MiB each, and what a line more may add. */
const AUDIT_LIMIT = 16 * 1024 ** 2;
const AUDIT_FILES = ["audit.1.log", "audit.log"];
const GENERATION_LIMIT = 200;
const PROBLEMS_LIMIT = 1024 ** 2;

type Folders = Pick<
  EgressStore,
  | "writeConfig"
  | "findWritten"
  | "findApplied"
  | "findProblem"
  | "forgetApplied"
  | "readAudit"
  | "describeLog"
  | "removeLog"
  | "removeConfig"
>;

/** The two directories that an egress container shares with the host: one it reads, one it writes. */
export const egressFolders: Folders = {
  writeConfig: ({ config, audit }, files) =>
    withFileErrors(`cannot write ${config}`, async () => {
      await mkdir(audit, { recursive: true, mode: 0o700 });
      // Cut off in between it is no generation at all: neither taken for written nor said to be in force.
      await rm(path.join(config, GENERATION_FILE), { force: true });
      for (const [name, text] of files) {
        if (name !== GENERATION_FILE) await replaceIfOther(path.join(config, name), text);
      }
      await removeOthers(config, files);
      await replaceIfOther(path.join(config, GENERATION_FILE), files.get(GENERATION_FILE) ?? "");
    }),
  findWritten: async ({ config }) => (await readIfThere(path.join(config, GENERATION_FILE)))?.trim(),
  findApplied: ({ audit }) =>
    Promise.resolve(readHostileFile(path.join(audit, "applied"), GENERATION_LIMIT)?.trim()),
  forgetApplied: ({ audit }) =>
    withFileErrors(`cannot write ${audit}`, () => rm(path.join(audit, "applied"), { force: true })),
  findProblem({ audit }, generation) {
    const text = readHostileFile(path.join(audit, "problems"), PROBLEMS_LIMIT) ?? "";
    const [of = "", first] = text.split("\n");
    return Promise.resolve(of.trim() === generation ? first?.replaceAll("\t", ": ") : undefined);
  },
  readAudit({ audit }) {
    const texts = AUDIT_FILES.map((name) => readHostileFile(path.join(audit, name), AUDIT_LIMIT));
    return Promise.resolve(texts.join(""));
  },
  async describeLog({ audit }) {
    // The container can put a link there.
    const found = await Promise.all(
      AUDIT_FILES.map((name) => lstat(path.join(audit, name)).catch(() => undefined)),
    );
    const files = found.filter((file) => file !== undefined);
    if (files.length === 0) return undefined;
    const bytes = files.reduce((sum, { blocks }) => sum + blocks * 512, 0);
    return { bytes, lastMs: Math.max(...files.map(({ mtimeMs }) => mtimeMs)) };
  },
  removeLog: ({ audit }) => removeTree(path.dirname(audit)),
  removeConfig: ({ config }) =>
    withFileErrors(`cannot remove ${config}`, () => rm(config, { recursive: true, force: true })),
};

/** Leaves alone what is as it should be. */
export function replaceIfOther(file: string, text: string): Promise<void> {
  return withFileErrors(`cannot write ${file}`, async () => {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    if ((await readIfThere(file)) !== text) await replaceFile(file, text);
  });
}

/** Directories of agents that are no longer served, and what a killed run has staged. */
async function removeOthers(config: string, files: ReadonlyMap<string, string>): Promise<void> {
  const entries = await readdir(config, { withFileTypes: true, recursive: true });
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(config, file);
    const isNeeded = files.has(name) || [...files.keys()].some((one) => one.startsWith(`${name}/`));
    if (!isNeeded) await rm(file, { recursive: true, force: true });
  }
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
