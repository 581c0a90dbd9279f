import { readdir } from "node:fs/promises";
import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import { showText } from "../../base/show-text.js";
import { findClosest } from "../closest.js";
import { findSourceFile, type SourceFile } from "../source-file.js";

const FILE = "devcontainer.json";
const PREFIX = "devcontainer:";
/** A name and never a path. */
const FOLDER = /^[A-Za-z0-9][\w.-]*$/;

/** Whether an overlay's name stands for the repository's own devcontainer.json. */
export function isDevcontainer(name: string): boolean {
  return name === "devcontainer" || name.startsWith(PREFIX);
}

/**
 * The repository's devcontainer.json: the one of `.devcontainer/`, else `.devcontainer.json`, else that of the only folder
 * in `.devcontainer/`; `devcontainer:<folder>` names one.
 * @throws DevkitError E_OVERLAY_UNKNOWN
 */
export async function requireDevcontainer(name: string, root: string): Promise<SourceFile> {
  const folder = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
  const places =
    folder === undefined
      ? [path.join(".devcontainer", FILE), ".devcontainer.json"]
      : [path.join(".devcontainer", folder, FILE)].filter(() => FOLDER.test(folder));
  for (const place of places) {
    const found = await findSourceFile(path.join(root, place), root);
    if (found !== undefined) return found;
  }
  const folders = await devcontainerFolders(root);
  const [only] = folders;
  const file =
    folder === undefined && folders.length === 1 && only !== undefined
      ? await findSourceFile(path.join(root, ".devcontainer", only, FILE), root)
      : undefined;
  if (file !== undefined) return file;
  throw unknown(name, folder, folders);
}

/** By what names the repository's devcontainer.json can be chosen; empty when it has none. */
export async function devcontainerNames(root: string): Promise<string[]> {
  const folders = (await devcontainerFolders(root)).map((folder) => `${PREFIX}${folder}`);
  const found = await requireDevcontainer("devcontainer", root).catch(() => undefined);
  return found === undefined ? folders : ["devcontainer", ...folders];
}

/** Names of the folders in `.devcontainer/` that have a devcontainer.json, in order. */
async function devcontainerFolders(root: string): Promise<string[]> {
  const dir = path.join(root, ".devcontainer");
  const entries = await readdir(dir).catch((): string[] => []);
  const inside = await Promise.all(
    entries
      .filter((entry) => FOLDER.test(entry))
      .map(async (entry) => {
        const files = await readdir(path.join(dir, entry)).catch((): string[] => []);
        return files.includes(FILE) ? [entry] : [];
      }),
  );
  return inside.flat().sort();
}

function unknown(name: string, folder: string | undefined, folders: readonly string[]): DevkitError {
  const details = { overlay: name, known: folders.map((one) => `${PREFIX}${one}`) };
  const choose = folders.map((one) => `-p ${PREFIX}${showText(one)}`).join(", ");
  if (folders.length === 0) {
    return new DevkitError(
      "E_OVERLAY_UNKNOWN",
      `the repository has no ${FILE} for the overlay "${showText(name)}"`,
      {
        hint: `it would be .devcontainer/${folder === undefined ? "" : `${showText(folder)}/`}${FILE}`,
        details,
      },
    );
  }
  const message =
    folder === undefined
      ? `the repository has ${String(folders.length)} devcontainer.json, and "devcontainer" does not say which`
      : `.devcontainer/${showText(folder)} has no ${FILE}`;
  const close = folder === undefined ? undefined : findClosest(folder, folders);
  const guess = close === undefined ? "" : `did you mean "${PREFIX}${close}"? `;
  return new DevkitError("E_OVERLAY_UNKNOWN", message, { hint: `${guess}choose one: ${choose}`, details });
}
