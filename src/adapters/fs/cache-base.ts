import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { systemErrorCode } from "../../base/errors.js";
import type { UserCaches } from "../../domain/caches/cache-places.js";
import { removeTree } from "./trees.js";

/** Numbers of the bases there are, ascending. */
function numbers(base: string): number[] {
  const names = readdirSync(base).filter((name) => /^[1-9]\d{0,8}$/.test(name));
  return names.map(Number).sort((a, b) => a - b);
}

/** Makes an empty first base where there is none, and has `current` lead to the newest. */
export async function ensureBase(caches: UserCaches): Promise<void> {
  await mkdir(caches.base, { recursive: true, mode: 0o700 });
  if (numbers(caches.base).length === 0) await mkdir(path.join(caches.base, "1"), { recursive: true });
  pointAtNewest(caches);
}

function pointAtNewest({ base, current }: UserCaches): void {
  const newest = String(numbers(base).at(-1));
  const aside = path.join(mkdtempSync(path.join(base, ".current-")), "link");
  symlinkSync(newest, aside);
  renameSync(aside, current);
  rmdirSync(path.dirname(aside));
}

/**
 * Publishes a new base: the newest one's files under new names, which costs no space, changed by `change`. A base that
 * is mounted must not change, so it is another one; who was faster makes us begin again.
 */
export async function renewBase(caches: UserCaches, change: (draft: string) => void): Promise<void> {
  await ensureBase(caches);
  for (;;) {
    const newest = numbers(caches.base).at(-1) ?? 1;
    const draft = mkdtempSync(path.join(caches.base, ".new-"));
    const inner = path.join(draft, "base");
    try {
      linkTree(path.join(caches.base, String(newest)), inner);
      change(inner);
      // A directory takes the place of an empty one, so the number is looked at first.
      const next = path.join(caches.base, String(newest + 1));
      if (lstatSync(next, { throwIfNoEntry: false }) !== undefined) continue;
      renameSync(inner, next);
      pointAtNewest(caches);
      return;
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST"].includes(systemErrorCode(error) ?? "")) throw error;
    } finally {
      await removeTree(draft);
    }
  }
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else linkSync(source, target);
  }
}

/** Bases that are not the newest, and what killed runs left of unfinished ones. */
export function listOldBases({ base }: UserCaches): string[] {
  const there = lstatSync(base, { throwIfNoEntry: false }) !== undefined;
  if (!there) return [];
  const old = numbers(base).slice(0, -1).map(String);
  const unfinished = readdirSync(base).filter((name) => name.startsWith("."));
  return [...old, ...unfinished].map((name) => path.join(base, name));
}
