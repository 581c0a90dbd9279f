import { chmodSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { widestMode } from "../../domain/identity/home-modes.js";
import {
  CLAUDE_STATES,
  claudeLogin,
  KEPT_FILES,
  KEPT_LIMITS,
  KEPT_SSH,
  type CarriedLogins,
} from "../../domain/identity/kept-logins.js";
import { readHostileBytes } from "./atomic-file.js";
import { findInside } from "./inside.js";

interface Carrying {
  readonly kept: string[];
  readonly left: { path: string; reason: string }[];
  readonly from: string;
  readonly to: string;
}

/** Copies logins from one home into another, which nobody is in yet: plain files, so many and so large at most. */
export function carryLogins(from: string, to: string): CarriedLogins {
  const run: Carrying = { kept: [], left: [], from, to };
  carrySsh(run, KEPT_SSH.directory, 1);
  for (const [file, mode] of Object.entries(KEPT_FILES)) {
    const bytes = readKept(run, file, KEPT_LIMITS.fileBytes);
    if (bytes !== undefined) put(run, file, mode, bytes);
  }
  for (const file of CLAUDE_STATES) {
    const bytes = readKept(run, file, KEPT_LIMITS.stateBytes);
    const login = bytes === undefined ? undefined : claudeLogin(bytes.toString("utf8"));
    if (login !== undefined) put(run, file, 0o600, Buffer.from(login));
  }
  const { kept, left } = run;
  return { kept, left };
}

function carrySsh(run: Carrying, directory: string, depth: number): void {
  const names = findInside(run.from, directory, (at) => readdirSync(at)) ?? [];
  for (const name of names.slice(0, KEPT_LIMITS.files)) {
    const file = `${directory}/${name}`;
    const info = findInside(run.from, directory, (at) =>
      lstatSync(`${at}/${name}`, { throwIfNoEntry: false }),
    );
    if (info === undefined) continue;
    if (info.isDirectory()) {
      if (depth < KEPT_SSH.depth) carrySsh(run, file, depth + 1);
      else run.left.push({ path: file, reason: "it lies too deep" });
      continue;
    }
    const bytes = readKept(run, file, KEPT_LIMITS.fileBytes);
    if (bytes !== undefined) put(run, file, widestMode(".ssh", name) ?? 0o600, bytes);
  }
}

/** Undefined: it is not there, or was left with a reason. */
function readKept(run: Carrying, file: string, limit: number): Buffer | undefined {
  const at = file.lastIndexOf("/");
  const [directory, name] = at === -1 ? [".", file] : [file.slice(0, at), file.slice(at + 1)];
  const found = findInside(run.from, directory, (inside) => {
    const info = lstatSync(`${inside}/${name}`, { throwIfNoEntry: false });
    if (info === undefined) return undefined;
    if (!info.isFile()) return "it is no plain file";
    return (
      readHostileBytes(`${inside}/${name}`, limit) ??
      (info.size > limit ? "it is too large" : "it cannot be read")
    );
  });
  if (typeof found !== "string") return found;
  run.left.push({ path: file, reason: found });
  return undefined;
}

function put(run: Carrying, file: string, mode: number, bytes: Buffer): void {
  if (run.kept.length >= KEPT_LIMITS.files) {
    run.left.push({ path: file, reason: "there are too many" });
    return;
  }
  const target = path.join(run.to, file);
  mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
  writeFileSync(target, bytes, { mode });
  chmodSync(target, mode);
  run.kept.push(file);
}
