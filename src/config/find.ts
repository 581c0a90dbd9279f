import { readdir } from "node:fs/promises";
import path from "node:path";
import { DevkitError, errorMessage, systemErrorCode } from "../base/errors.js";
import { findClosest } from "./closest.js";
import { configError, formatProblem, problemDetails, type Problem } from "./problems.js";
import { showText } from "../base/show-text.js";
import { findSourceFile, type SourceFile } from "./source-file.js";

const CONFIG_FILE = "devkit.toml";
export const OVERLAY_FILE = "overlay.toml";
const COMPOSE_FILES = ["compose.override.yml", "compose.override.yaml"] as const;

/** A name and never a path. */
const FOLDER_NAME = /^[a-z0-9][a-z0-9_-]*$/;

/** What overlays are chosen by: a folder's name, or the repository's own `devcontainer:<folder>`. */
export const OVERLAY_NAME = /^(?:[a-z0-9][a-z0-9_-]*|devcontainer:[A-Za-z0-9][\w.-]*)$/;

/** `devkit.toml` at the root, which may be missing, or the file asked for, which may not. */
export async function findConfigFile(
  root: string,
  asked: string | undefined,
): Promise<SourceFile | undefined> {
  if (asked === undefined) return findSourceFile(path.join(root, CONFIG_FILE), root);
  const file = path.resolve(asked);
  const found = await findSourceFile(file, root);
  if (found !== undefined) return found;
  const hint = `check the path given by --config; without it devkit reads ${path.join(root, CONFIG_FILE)}`;
  throw configError([{ file: asked, message: "there is no such file", hint }]);
}

/** Each overlay once, in the order of names, from the first directory that has it. */
export async function findOverlays(dirs: readonly string[]): Promise<{ name: string; dir: string }[]> {
  const found = new Map<string, string>();
  for (const dir of dirs) {
    for (const name of await findOverlayNames(dir))
      if (!found.has(name)) found.set(name, path.join(dir, name));
  }
  return [...found].map(([name, dir]) => ({ name, dir })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names of the overlays in one directory. */
export async function findOverlayNames(dir: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for (const name of (await readdir(dir)).filter((entry) => FOLDER_NAME.test(entry))) {
      const files = await readdir(path.join(dir, name)).catch((): string[] => []);
      if ([OVERLAY_FILE, ...COMPOSE_FILES].some((file) => files.includes(file))) names.push(name);
    }
    return names;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    const message = `the overlay directory cannot be read: ${code ?? errorMessage(error)}`;
    throw configError([{ file: dir, message, hint: `make ${dir} readable, or remove it` }], error);
  }
}

/** An overlay's folder with its files, of which it has at least one. */
export interface FoundOverlay {
  readonly name: string;
  readonly dir: string;
  /** The lower layer of the two. */
  readonly compose: SourceFile | undefined;
  readonly toml: SourceFile | undefined;
}

/** Undefined when no directory has an overlay of that name. */
export async function findOverlay(
  name: string,
  dirs: readonly string[],
  root: string,
): Promise<FoundOverlay | undefined> {
  if (!FOLDER_NAME.test(name)) return undefined;
  for (const parent of dirs) {
    const dir = path.join(parent, name);
    const files = [OVERLAY_FILE, ...COMPOSE_FILES].map((file) => findSourceFile(path.join(dir, file), root));
    const [toml, yml, yaml] = await Promise.all(files);
    if (yml !== undefined && yaml !== undefined) {
      const message = `there is a ${COMPOSE_FILES[0]} beside it`;
      throw configError([{ file: yaml.shownAs, message, hint: "keep one of the two" }]);
    }
    const compose = yml ?? yaml;
    if (toml !== undefined || compose !== undefined) return { name, dir, compose, toml };
  }
  return undefined;
}

/** E_OVERLAY_UNKNOWN; `problem` is the place in devkit.toml that names it. */
export async function overlayUnknown(
  name: string,
  dirs: readonly string[],
  problem: Problem | undefined,
): Promise<DevkitError> {
  const known = (await findOverlays(dirs)).map((overlay) => overlay.name);
  const none = `there are none; one would be ${path.join(dirs[0] ?? "", "NAME", OVERLAY_FILE)}`;
  const list = known.length === 0 ? none : `there are: ${known.join(", ")}`;
  const message = unknownOverlayMessage(name);
  return new DevkitError("E_OVERLAY_UNKNOWN", problem === undefined ? message : formatProblem(problem), {
    hint: `${await guessMeant(name, known, dirs)}${list}`,
    details: { overlay: name, known, ...(problem === undefined ? {} : problemDetails([problem])) },
  });
}

async function guessMeant(name: string, known: readonly string[], dirs: readonly string[]): Promise<string> {
  const several = name.split(",");
  if (several.length > 1 && several.every((one) => OVERLAY_NAME.test(one)))
    return `one at a time: ${several.map((one) => `-p ${one}`).join(" ")}; `;
  const close = findClosest(name, [...known, "devcontainer"]);
  if (close !== undefined) return `did you mean "${close}"? `;
  for (const dir of FOLDER_NAME.test(name) ? dirs.map((parent) => path.join(parent, name)) : []) {
    const isThere = await readdir(dir).then(
      () => true,
      () => false,
    );
    if (isThere) return `${dir} has neither ${OVERLAY_FILE} nor ${COMPOSE_FILES[0]}; `;
  }
  return "";
}

export function unknownOverlayMessage(name: string): string {
  return `there is no overlay named "${showText(name)}"`;
}
