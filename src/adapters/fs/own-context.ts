import { createHash, type Hash } from "node:crypto";
import { createReadStream, lstatSync, type BigIntStats } from "node:fs";
import { mkdir, readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import type { OwnContext, OwnContextRequest } from "../../app/ports-images.js";
import { DevkitError, systemErrorCode } from "../../base/errors.js";
import {
  isIgnored,
  matchRules,
  mayReadmit,
  parseDockerignore,
  type IgnoreRule,
  type RuleMatches,
} from "../../domain/images/dockerignore.js";
import { replaceFile } from "./atomic-file.js";
import { translateFileError, withFileErrors } from "./translate.js";

/** First, so that a .dockerignore can let it in; a commit or fetch would otherwise be a reason to build again. */
const BEFORE = "**/.git\n";
/** Last: agents' worktrees and devkit's own files are nobody's build context. */
const AFTER = "\n**/.devkit\n";

const IGNORE_FILE = ".dockerignore";
/** Where a Dockerfile goes that the context does not hold. */
const APART = ".devkit.Dockerfile";

interface Entry {
  /** Relative to the context. */
  readonly file: string;
  readonly info: BigIntStats;
}

/**
 * Finds out what a build of the user's Dockerfile gets. What the files hold is read only when one of them seems to have
 * changed since the last time; `memoryDir` keeps what was found then. @throws DevkitError E_CONFIG, E_IMAGE_BUILD, E_FILE
 */
export async function readOwnContext(
  { dockerfile, context }: OwnContextRequest,
  memoryDir: string,
): Promise<OwnContext> {
  const dir = context ?? path.dirname(dockerfile);
  const text = await named("dockerfile", dockerfile, () => readFile(dockerfile, "utf8"));
  const ignore =
    (await findText(`${dockerfile}${IGNORE_FILE}`)) ?? (await findText(path.join(dir, IGNORE_FILE)));
  const rules = parseDockerignore(`${BEFORE}${ignore ?? ""}${AFTER}`);
  const entries = await named("context", dir, () => walk(dir, rules));
  const digest = await digestOf(dir, entries, memoryDir);
  const inside = path.relative(dir, dockerfile);
  const files = entries.map(({ file }) => file);
  if (files.includes(inside)) {
    return { dir, files, entries: new Map(), dockerfile: { path: inside, text }, digest };
  }
  // The engine takes out what the .dockerignore of the context names, once it has read the Dockerfile.
  const hidden = `${ignore ?? ""}\n${APART}\n${ignore === undefined ? `${IGNORE_FILE}\n` : ""}`;
  return {
    dir,
    files: files.filter((file) => file !== IGNORE_FILE),
    entries: new Map([
      [APART, Buffer.from(text)],
      [IGNORE_FILE, Buffer.from(hidden)],
    ]),
    dockerfile: { path: APART, text },
    digest,
  };
}

/** Reads what a setting names. */
async function named<T>(key: "dockerfile" | "context", file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw translateFileError(error, `cannot read ${file}`);
    throw new DevkitError("E_CONFIG", `[image] ${key}: there is no ${file}`, {
      hint: "see which file asks for it: devkit config show --origin",
    });
  }
}

async function findText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw translateFileError(error, `cannot read ${file}`);
  }
}

/** Files, links and directories that the rules let in, sorted, each directory before what is in it. */
async function walk(dir: string, rules: readonly IgnoreRule[]): Promise<Entry[]> {
  const found: Entry[] = [];
  const visit = async (directory: string, parent: RuleMatches | undefined): Promise<void> => {
    const names = (await readdir(path.join(dir, directory))).sort();
    for (const name of names) {
      const file = path.posix.join(directory, name);
      const matches = matchRules(rules, file, parent);
      const ignored = isIgnored(rules, matches);
      if (ignored && !mayReadmit(rules, file)) continue;
      // At once: a context is thousands of files, and a turn of the event loop costs more than the call.
      const info = lstatSync(path.join(dir, file), { bigint: true, throwIfNoEntry: false });
      if (info === undefined) continue;
      const isDirectory = info.isDirectory();
      if (!ignored && (isDirectory || info.isFile() || info.isSymbolicLink())) found.push({ file, info });
      if (isDirectory) await visit(file, matches);
    }
  };
  await visit("", undefined);
  return found;
}

async function digestOf(dir: string, entries: readonly Entry[], memoryDir: string): Promise<string> {
  const seen = createHash("sha256");
  for (const { file, info } of entries) {
    const { mode, size, mtimeNs, ctimeNs, ino } = info;
    add(
      seen,
      file,
      ...(info.isDirectory() ? ["directory"] : [mode, size, mtimeNs, ctimeNs, ino].map(String)),
    );
  }
  const stamp = seen.digest("hex");
  const memory = path.join(memoryDir, createHash("sha256").update(dir).digest("hex").slice(0, 16));
  const [lastStamp, lastDigest] = (await findText(memory))?.split(" ") ?? [];
  if (lastStamp === stamp && lastDigest !== undefined) return lastDigest;
  const digest = await withFileErrors(`cannot read the build context ${dir}`, () =>
    hashContents(dir, entries),
  );
  await withFileErrors(`cannot make ${memoryDir}`, () => mkdir(memoryDir, { recursive: true }));
  await replaceFile(memory, `${stamp} ${digest}`);
  return digest;
}

async function hashContents(dir: string, entries: readonly Entry[]): Promise<string> {
  const all = createHash("sha256");
  for (const { file, info } of entries) {
    const at = path.join(dir, file);
    if (info.isDirectory()) add(all, "directory", file);
    else if (info.isSymbolicLink()) add(all, "link", file, await readlink(at));
    else {
      const one = createHash("sha256");
      for await (const chunk of createReadStream(at)) one.update(chunk as Buffer);
      // Nothing else of the mode: what the group may do depends on who cloned.
      add(all, (info.mode & 0o100n) === 0n ? "file" : "program", file, one.digest("hex"));
    }
  }
  return all.digest("hex");
}

function add(hash: Hash, ...parts: readonly string[]): void {
  for (const part of parts) hash.update(`${String(part.length)}:${part}`);
}
