import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { LentInfo } from "../../domain/custody/private-git.js";
import type { RunGit } from "./run-git.js";

/** What decides beside the settings which of the primary's files git shows, and how. */
export async function loadLentInfo(git: RunGit, commonDir: string): Promise<LentInfo> {
  const [userExclude, userAttributes, exclude, attributes, sparseCheckout] = await Promise.all([
    readUserFile(git, "core.excludesFile", "ignore"),
    readUserFile(git, "core.attributesFile", "attributes"),
    readText(path.join(commonDir, "info", "exclude")),
    readText(path.join(commonDir, "info", "attributes")),
    readText(path.join(commonDir, "info", "sparse-checkout")),
  ]);
  const texts = [userExclude, exclude].filter((text) => text !== undefined);
  return {
    exclude: texts.map((text) => (text === "" || text.endsWith("\n") ? text : `${text}\n`)).join(""),
    attributes,
    userAttributes,
    sparseCheckout,
  };
}

/** The user's own file that a setting names, or the place where git looks for it without one. */
async function readUserFile(git: RunGit, setting: string, fallback: string): Promise<string | undefined> {
  const named = (await git("config", "--type=path", "--default=", setting)).trim();
  const configHome = process.env["XDG_CONFIG_HOME"] ?? path.join(homedir(), ".config");
  return readText(named === "" ? path.join(configHome, "git", fallback) : named);
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
