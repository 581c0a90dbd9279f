import { parseGitConfigList } from "../../domain/custody/git-config.js";
import type { RunGit } from "./run-git.js";

/** Made to be run on what others have committed. */
const TRUSTED = "lfs";

/**
 * Options that take the user's filters out of action: an agent decides by `.gitattributes` which of them runs, and on
 * what. git-lfs stays, or every file it keeps would look changed.
 */
export async function withoutFilters(git: RunGit): Promise<string[]> {
  // Exit code 1 when there is none would be an error to the runner, so the whole list it is.
  const entries = parseGitConfigList(await git("config", "--null", "--list"));
  const names = entries
    .map(({ key }) => /^filter\.(.+)\.(clean|smudge|process|required)$/.exec(key)?.[1])
    .filter((name) => name !== undefined && name !== TRUSTED);
  return [...new Set(names)].flatMap((name) =>
    ["clean=", "smudge=", "process=", "required=false"].flatMap((setting) => [
      "-c",
      `filter.${name ?? ""}.${setting}`,
    ]),
  );
}
