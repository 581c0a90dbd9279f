import { lstat, open } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import type { CarriedFiles, CheckoutReport } from "../../app/ports.js";
import { isWorthALook, looksLikeCredential } from "../../domain/custody/credential-files.js";
import { copyMissing, findPlaces } from "../fs/copy-missing.js";
import { isThere } from "../fs/project-dir.js";
import { runProcess } from "../process/run-process.js";
import { gitEnv, SAFE, translateGitError } from "./run-git.js";

const INCLUDE_FILE = ".worktreeinclude";
/** How many files are looked into for credentials, and how far: what is listed first is what people list by name. */
const LOOKS = { files: 2000, bytes: 64 * 1024 } as const;

/** Files of the primary that are ignored there and match `.worktreeinclude` or one of the patterns, by git's own rules. */
export async function listCarried(root: string, patterns: readonly string[]): Promise<CarriedFiles> {
  const include = path.join(root, INCLUDE_FILE);
  const sources = [
    ...(isThere(include) ? [`--exclude-from=${include}`] : []),
    ...patterns.map((pattern) => `--exclude=${pattern}`),
  ];
  if (sources.length === 0) return { paths: [], credentials: [] };
  const listed = await gitPaths(root, ["ls-files", "-z", "--others", "--ignored", ...sources]);
  const own = listed.filter((file) => !/^\.(?:devkit|git)(?:\/|$)/.test(file));
  const paths = await ignoredOf(root, own);
  return { paths, credentials: await findCredentials(root, paths) };
}

/**
 * Copies what is not there yet into a new worktree. A file that its ignore rules do not cover stays behind: it would
 * show as untracked, and an agent's `git add .` would commit it.
 */
export async function carryFiles(
  root: string,
  worktree: string,
  paths: readonly string[],
): Promise<CheckoutReport["notCarried"]> {
  const { free, blocked } = await findPlaces(worktree, paths);
  const ignored = new Set(await ignoredOf(worktree, free));
  const visible = free.filter((file) => !ignored.has(file));
  const unreadable = await copyMissing(root, worktree, [...ignored]);
  const because = (reason: string) => (file: string) => ({ path: shown(file), reason });
  return [
    ...blocked.map(because("a file or a link is in the place of its directory")),
    ...visible.map(because("the commit's own .gitignore does not cover it")),
    ...unreadable.map(because("it cannot be read")),
  ];
}

/** Which of these paths git ignores. */
async function ignoredOf(directory: string, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  // git takes a directory that is not there for a file; what is in it has the same answer.
  const asked = new Map(paths.map((file) => [file.endsWith("/") ? `${file}x` : file, file]));
  const found = await gitPaths(directory, ["check-ignore", "-z", "--no-index", "--stdin"], [...asked.keys()]);
  return found.map((file) => asked.get(file)).filter((file) => file !== undefined);
}

async function gitPaths(
  cwd: string,
  args: readonly string[],
  input: readonly string[] = [],
): Promise<string[]> {
  const stdin = Readable.from([Buffer.from(input.map((file) => `${file}\0`).join(""), "latin1")]);
  const options = { cwd, env: gitEnv(), bytes: true, input: stdin } as const;
  const result = await runProcess("git", [...SAFE, ...args], options);
  // check-ignore ends with 1 when nothing is ignored.
  if (result.exitCode !== 0 && (result.exitCode !== 1 || result.stderr !== ""))
    throw translateGitError(new Error(result.stderr || "failed"), args);
  return result.stdout.split("\0").filter((file) => file !== "");
}

async function findCredentials(root: string, paths: readonly string[]): Promise<CarriedFiles["credentials"]> {
  const candidates = paths.filter((file) => !file.endsWith("/") && isWorthALook(file));
  const found: { path: string; looksLike: string }[] = [];
  for (const [position, file] of candidates.entries()) {
    const beginning = position < LOOKS.files ? await readBeginning(root, file) : "";
    const looksLike = looksLikeCredential(file, beginning);
    if (looksLike !== undefined) found.push({ path: shown(file), looksLike });
  }
  return found;
}

async function readBeginning(root: string, file: string): Promise<string> {
  const place = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(file, "latin1")]);
  try {
    // What a link leads to is not copied, and a pipe would never end.
    if (!(await lstat(place)).isFile()) return "";
    const handle = await open(place);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LOOKS.bytes), 0);
      return buffer.toString("latin1", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return "";
  }
}

/** For people: as UTF-8. */
function shown(file: string): string {
  return Buffer.from(file, "latin1").toString("utf8");
}
