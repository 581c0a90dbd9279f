import { lstatSync, readdirSync } from "node:fs";
import type { Counted, HomeContents } from "../../app/ports-homes.js";
import { findSshKeys, type SshFile } from "../../domain/identity/ssh-keys.js";
import { readHostileFile } from "./atomic-file.js";
import { measureHome } from "./home-sizes.js";
import { findInside, findMode } from "./inside.js";
import { walkInside, type Visit } from "./walk-inside.js";

const MOST_FILES = 200;
const KEY_LIMIT = 64 * 1024;

/** What is in a home, looked at until the deadline (ms of `performance.now()`). */
export async function describeHome(home: string, deadline: number): Promise<HomeContents> {
  const [size, codexSessions, claudeProjects] = [
    await measureHome(home, deadline),
    await countIn(
      home,
      ".codex/sessions",
      deadline,
      ({ name, info }) => info.isFile() && /^rollout-.*\.jsonl$/.test(name),
    ),
    await countIn(home, ".claude/projects", deadline, ({ depth, info }) => depth === 1 && info.isDirectory()),
  ];
  const { entries = [], bytes = 0, isComplete = false } = size ?? {};
  return {
    size: { bytes, isComplete },
    entries,
    keys: findSshKeys(readSshFiles(home)),
    logins: {
      codex: findMode(home, ".codex/auth.json"),
      claude: findMode(home, ".claude/.credentials.json"),
    },
    codexSessions,
    claudeProjects,
  };
}

async function countIn(
  home: string,
  directory: string,
  deadline: number,
  counts: (visit: Visit) => boolean,
): Promise<Counted> {
  let count = 0;
  const visit = (found: Visit) => {
    if (counts(found)) count += 1;
  };
  // It opens what it walks before it waits for anything.
  const isComplete = await findInside(home, directory, (at) => walkInside(`${at}/.`, deadline, visit));
  return { count, isComplete: isComplete ?? true };
}

function readSshFiles(home: string): SshFile[] {
  const read = (at: string) =>
    readdirSync(at)
      .slice(0, MOST_FILES)
      .flatMap((name): SshFile[] => {
        const text = readHostileFile(`${at}/${name}`, KEY_LIMIT);
        const mode = lstatSync(`${at}/${name}`, { throwIfNoEntry: false })?.mode;
        return text === undefined || mode === undefined ? [] : [{ name, mode: mode & 0o777, text }];
      });
  return findInside(home, ".ssh", read) ?? [];
}
