import { mkdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { TrustStore } from "../../app/ports-hooks.js";
import type { Project } from "../../domain/identity/project.js";
import { stagingName, writeNewFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

interface TrustEntry {
  readonly sha256: string;
  readonly approved: string;
  /** What was approved, in words. */
  readonly commands: readonly string[];
}

/** Enough for every combination of overlays that somebody really uses. */
const MOST = 100;

/** What the user has approved for one project, in its state directory; only this user can read or write it. */
export function createTrustStore({ stateDir }: Project): TrustStore {
  const file = path.join(stateDir, "trust.json");
  const load = async () => parseEntries(await readFile(file, "utf8").catch(() => ""));
  return {
    load: async () => new Set((await load()).map(({ sha256 }) => sha256)),
    approvedTexts: async () => new Set((await load()).flatMap(({ commands }) => commands)),
    async add(sha256, commands, now) {
      const others = (await load()).filter((entry) => entry.sha256 !== sha256);
      const entries = [...others, { sha256, approved: now.toISOString(), commands }].slice(-MOST);
      await replacePrivate(file, `${JSON.stringify(entries, undefined, 2)}\n`);
    },
    async revoke() {
      const { length } = await load();
      await withFileErrors(`cannot remove ${file}`, () => rm(file, { force: true }));
      return length;
    },
  };
}

/** What cannot be read approves nothing. */
function parseEntries(text: string): TrustEntry[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is TrustEntry {
  if (typeof value !== "object" || value === null) return false;
  const { sha256, commands } = value as Partial<Record<keyof TrustEntry, unknown>>;
  return typeof sha256 === "string" && Array.isArray(commands);
}

function replacePrivate(file: string, text: string): Promise<void> {
  return withFileErrors(`cannot write ${file}`, async () => {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = stagingName(file);
    try {
      await writeNewFile(temporary, text, 0o600);
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  });
}
