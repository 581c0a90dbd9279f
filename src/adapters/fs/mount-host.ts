import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, opendir, realpath } from "node:fs/promises";
import path from "node:path";
import type { FoundInside, MountHost } from "../../app/ports-mounts.js";
import { errorMessage, systemErrorCode } from "../../base/errors.js";
import type { FoundPath } from "../../domain/mounts/source-problem.js";
import { hasEntry } from "./has-entry.js";
import { createMountPoint } from "./mount-point.js";
import { withFileErrors } from "./translate.js";

const TEXT_LIMIT = 1024 * 1024;
/** Entries looked at below one source: a tenth of a second. */
const SEARCH_LIMIT = 5000;
const ENGINE_SOCKET = /^(?:docker|podman|containerd|crio|buildkitd?)\S*\.sock$/;

/** The host as far as settings ask for parts of it. */
export function createMountHost(): MountHost {
  return {
    inspect: (hostPath) => withFileErrors(`cannot look at ${hostPath}`, () => inspect(hostPath)),
    realPath,
    findRepository,
    findInside,
    readText,
    createVolume: ({ volumes }, name) =>
      withFileErrors(`cannot make the volume ${name}`, async () => {
        const volume = path.join(volumes, name);
        await mkdir(volume, { recursive: true, mode: 0o700 });
        await chmod(volumes, 0o700);
        return volume;
      }),
    createMountPoint: (parent, relative, isFile) =>
      withFileErrors(`cannot make ${path.join(parent, relative)} to mount over`, () =>
        createMountPoint(parent, relative, isFile),
      ),
  };
}

async function inspect(hostPath: string): Promise<FoundPath> {
  const parts = hostPath.split("/").filter((part) => part !== "");
  let at = "";
  let info = await lstat("/");
  for (const part of parts) {
    at = `${at}/${part}`;
    const found = await lstatIfThere(at);
    if (found === undefined) return { kind: "missing" };
    if (found.isSymbolicLink()) {
      const real = await realpath(hostPath).catch(() => undefined);
      return { kind: "link", at, realPath: real };
    }
    info = found;
  }
  if (info.isDirectory()) return { kind: "directory" };
  if (info.isFile()) return { kind: "file" };
  return { kind: info.isSocket() ? "socket" : "other" };
}

async function lstatIfThere(file: string) {
  return lstat(file).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw error;
  });
}

async function realPath(hostPath: string): Promise<string> {
  const real = await realpath(hostPath).catch(() => undefined);
  if (real !== undefined || hostPath === path.dirname(hostPath)) return real ?? hostPath;
  return path.join(await realPath(path.dirname(hostPath)), path.basename(hostPath));
}

async function findRepository(hostPath: string): Promise<string | undefined> {
  if ((await hasEntry(path.join(hostPath, ".git"))) || (await isGitDir(hostPath))) return hostPath;
  const parent = path.dirname(hostPath);
  return parent === hostPath ? undefined : findRepository(parent);
}

async function isGitDir(directory: string): Promise<boolean> {
  const parts = ["HEAD", "objects", "refs"].map((name) => hasEntry(path.join(directory, name)));
  return !(await Promise.all(parts)).includes(false);
}

/** Breadth first, so that what is near the top is found in a directory of any size. */
async function findInside(directory: string): Promise<FoundInside> {
  const left = [directory];
  let [socket, repository]: (string | undefined)[] = [undefined, undefined];
  let seen = 0;
  for (let next = left.shift(); next !== undefined && seen < SEARCH_LIMIT; next = left.shift()) {
    const names = new Set<string>();
    // What cannot be read here cannot be read by the agent, who is the same user.
    const entries = await opendir(next).catch(() => undefined);
    if (entries === undefined) continue;
    for await (const entry of entries) {
      seen += 1;
      names.add(entry.name);
      const at = path.join(next, entry.name);
      if (entry.isSocket() && (next === directory || ENGINE_SOCKET.test(entry.name))) socket ??= at;
      if (entry.isDirectory() && entry.name !== ".git") left.push(at);
      if (seen >= SEARCH_LIMIT) break;
    }
    const isBare = ["HEAD", "objects", "refs"].every((name) => names.has(name));
    if (names.has(".git") || isBare) repository ??= next;
  }
  return { socket, repository };
}

async function readText(file: string): Promise<{ text: string } | { problem: string }> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const info = await handle.stat();
      if (!info.isFile()) return { problem: "it is not a file" };
      if (info.size > TEXT_LIMIT) return { problem: "it is larger than 1 MiB" };
      return { text: await handle.readFile("utf8") };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = systemErrorCode(error);
    return { problem: code === "ENOENT" ? "there is no such file" : (code ?? errorMessage(error)) };
  }
}
