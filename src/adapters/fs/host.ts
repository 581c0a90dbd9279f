import type { StatsFs } from "node:fs";
import { access, readFile, readdir, statfs } from "node:fs/promises";
import path from "node:path";
import type { Host, Progress } from "../../app/ports.js";
import { systemErrorCode } from "../../base/errors.js";
import { createFeatureBuilder } from "../process/build-features.js";
import { installNpm } from "../process/install-npm.js";
import { packNpm } from "../process/pack-npm.js";
import { loadExtraCertificates } from "./certificates.js";
import { createFileLocks } from "./locks.js";
import { isThere } from "./project-dir.js";
import { readOwnContext } from "./own-context.js";
import { withFileErrors } from "./translate.js";

export interface HostPlaces {
  /** `docker/` of the installed package. */
  readonly dockerDir: string;
  /** Where downloads may be kept between runs. */
  readonly cacheDir: string;
  readonly version: string;
  readonly isOffline: boolean;
  readonly progress: Pick<Progress, "warn">;
  readonly signal: AbortSignal;
}

/** How long a build of another devkit is waited for before that is said. */
const QUIET_MS = 3000;

/** A build of another machine that shares the files takes no longer; if it does, the image is built twice. */
const FOREIGN_MS = 10 * 60_000;

/** The machine and user devkit runs for. */
export function createHost({ dockerDir, cacheDir, version, isOffline, progress, signal }: HostPlaces): Host {
  const { env } = process;
  let certificates: Promise<string[]> | undefined;
  return {
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    env,
    version,
    isOffline,
    dockerDir,
    cachesDir: path.join(cacheDir, "caches"),
    extraCertificates: () => (certificates ??= loadExtraCertificates(env)),
    imageFiles: (dockerfile) =>
      withFileErrors(`cannot read ${dockerDir}`, () => readImageFiles(dockerDir, dockerfile)),
    brokerProgram: () => readText(path.join(dockerDir, "..", "dist", "broker.mjs")),
    clientProgram: () => readText(path.join(dockerDir, "client", "devkit")),
    features: createFeatureBuilder(),
    buildLocks: createFileLocks({
      directory: path.join(cacheDir, "locks"),
      ...{ progress, signal, quietMs: QUIET_MS, foreignMs: FOREIGN_MS },
    }),
    packNpm: (specifier, signal) => packNpm(specifier, path.join(cacheDir, "npm"), signal),
    installNpm: (request, signal) => installNpm(request, path.join(cacheDir, "npm-trees"), signal),
    ownContext: (request) => readOwnContext(request, path.join(cacheDir, "contexts")),
    isGone: (file) =>
      access(file).then(
        () => false,
        (error: unknown) => systemErrorCode(error) === "ENOENT",
      ),
    freeBytes: async (file) => {
      const { bavail, bsize } = await fileSystemOf(file);
      return bavail * bsize;
    },
    diskBytes: async (file) => {
      const { blocks, bsize } = await fileSystemOf(file);
      return blocks * bsize;
    },
    availableMemory: readAvailable,
  };
}

function readText(file: string): Promise<string> {
  return withFileErrors(`cannot read ${file}`, () => readFile(file, "utf8"));
}

/** The Dockerfile, everything in the directory of the same name, if there is one (`agent.Dockerfile`, `agent/`), and what all images share. */
async function readImageFiles(dockerDir: string, dockerfile: string): Promise<ReadonlyMap<string, string>> {
  const own = path.parse(dockerfile).name;
  const directories = isThere(path.join(dockerDir, own)) ? [own, "shared"] : ["shared"];
  const inside = await Promise.all(
    directories.map(async (directory) => {
      const entries = await readdir(path.join(dockerDir, directory), {
        withFileTypes: true,
        recursive: true,
      });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(dockerDir, path.join(entry.parentPath, entry.name)));
    }),
  );
  const names = [dockerfile, ...inside.flat()].sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(dockerDir, name), "utf8")));
  return new Map(names.map((name, position) => [name, texts[position] ?? ""]));
}

async function fileSystemOf(file: string): Promise<StatsFs> {
  try {
    return await statfs(file);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT" || path.dirname(file) === file) throw error;
    return fileSystemOf(path.dirname(file));
  }
}

/** What the kernel thinks that programs can have without swapping: more than what is free. */
async function readAvailable(): Promise<number | undefined> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
