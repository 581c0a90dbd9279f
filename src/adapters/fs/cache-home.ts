import { lstatSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";
import { knownHomeEntries, type HomeEntry } from "../../domain/caches/plan-caches.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { readHostileFile } from "./atomic-file.js";
import { isBlocked, withInside } from "./inside.js";

const TEXT_LIMIT = 4096;

/**
 * Makes what leads tools to their caches in an agent's home, and takes away what devkit made for other settings. The home
 * is the agent's: what it has put in such a place stays, and that tool then has a cache of its own.
 */
export function refreshHomeEntries(home: string, wanted: readonly HomeEntry[]): void {
  for (const [file, texts] of knownHomeEntries()) {
    const entry = wanted.find((one) => one.path === file);
    try {
      withInside(home, path.dirname(file), { make: entry !== undefined }, (directory) => {
        refreshEntry(`${directory}/${path.basename(file)}`, entry, texts);
      });
    } catch (error) {
      if (!isBlocked(error)) throw error;
    }
  }
}

function refreshEntry(at: string, entry: HomeEntry | undefined, texts: readonly string[]): void {
  if (isOurs(at, texts)) {
    if (entry !== undefined && isWhole(at, entry)) return;
    unlinkSync(at);
  }
  if (entry === undefined) return;
  try {
    if ("target" in entry) symlinkSync(entry.target, at);
    else writeFileSync(at, entry.text, { flag: "wx" });
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
  }
}

const linkAt = (at: string) =>
  lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(at) : undefined;

function isOurs(at: string, texts: readonly string[]): boolean {
  const link = linkAt(at);
  if (link !== undefined) return link.startsWith(`${CONTAINER.caches}/`);
  return texts.includes(readHostileFile(at, TEXT_LIMIT) ?? "");
}

function isWhole(at: string, entry: HomeEntry): boolean {
  return "target" in entry ? linkAt(at) === entry.target : readHostileFile(at, TEXT_LIMIT) === entry.text;
}
