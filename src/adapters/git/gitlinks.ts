import { quoteText } from "../../base/show-text.js";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { runPipe } from "../process/run-pipe.js";
import { gitWords, tryGit, type ObjectView } from "./object-view.js";
import { hasGitlink } from "./tree-scan.js";

/** Trees nested so that they have more paths than anybody could list end here. */
const PATIENCE_MS = 15_000;
const MAX_OUTPUT_BYTES = 256 * 1024 ** 2;
const TOO_MUCH = "it has more paths than can be looked through";

/**
 * The first repository, in words, that these new commits embed and the user's own commit does not have as a submodule.
 * The host's git would take such a directory in a worktree for a repository of its own, with the agent's settings in
 * it. What the agent writes in `.gitmodules` itself does not count: that would be its own permission.
 */
export async function findStrangeGitlink(
  view: ObjectView,
  oids: readonly string[],
): Promise<string | undefined> {
  if (oids.length === 0 || !(await hasNewGitlink(view, oids))) return undefined;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const declared = await declaredPaths(view);
  try {
    for await (const { commit, file } of addedGitlinks(view, oids, signal)) {
      if (!declared.has(file)) return describe(commit, file);
    }
  } catch (error) {
    if (isDevkitError(error)) throw error;
    // A git that died in the middle has not said that there is none.
    return TOO_MUCH;
  }
  return signal.aborted ? TOO_MUCH : undefined;
}

function describe(commit: string, file: string): string {
  const shown = Buffer.from(file, "latin1").toString("utf8");
  return `commit ${commit.slice(0, 12)} embeds the repository ${quoteText(shown)}, which is no submodule of the repository's HEAD`;
}

const lines = (oids: readonly string[]) => oids.map((oid) => `${oid}\n`).join("");

/** Looks at each new tree once, however often it is used. */
async function hasNewGitlink(view: ObjectView, oids: readonly string[]): Promise<boolean> {
  const git = gitWords(view);
  const only = ["--filter=object:type=tree", "--no-object-names"];
  const trees = ["rev-list", "--objects", ...only, "--stdin", "--not", "--all"];
  const options = { cwd: view.commonDir, env: view.env };
  const commands = [[...git, ...trees] as const, [...git, "cat-file", "--batch"] as const];
  return hasGitlink(runPipe(commands, lines(oids), options)).catch(() => true);
}

interface AddedGitlink {
  readonly commit: string;
  /** Bytes of the path, one character each. */
  readonly file: string;
}

/** The gitlinks that new commits add; a merge adds only what none of its parents has. */
async function* addedGitlinks(
  view: ObjectView,
  oids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<AddedGitlink> {
  const git = gitWords(view);
  const list = ["rev-list", "--stdin", "--not", "--all"];
  const flags = ["-r", "-c", "--root", "--raw", "-z", "--no-renames", "--ignore-submodules=none"];
  const diff = ["diff-tree", "--stdin", ...flags];
  const options = { cwd: view.commonDir, env: view.env, signal };
  const parse = createRawParser();
  let bytes = 0;
  const commands = [[...git, ...list] as const, [...git, ...diff] as const];
  for await (const chunk of runPipe(commands, lines(oids), options)) {
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT_BYTES) throw new DevkitError("E_PACK_REFUSED", `the agent's work: ${TOO_MUCH}`);
    yield* parse(chunk);
  }
}

/**
 * Reads `git diff-tree --stdin -c --raw -z`: a commit's id, then pairs of a record and a path. A record starts with a
 * colon for each parent, then has the mode in each parent and in the commit.
 */
function createRawParser(): (chunk: Buffer) => AddedGitlink[] {
  let held = "";
  let commit = "";
  let record: string | undefined;
  return (chunk) => {
    const fields = (held + chunk.toString("latin1")).split("\0");
    held = fields.pop() ?? "";
    const found: AddedGitlink[] = [];
    for (const field of fields) {
      if (record !== undefined) {
        if (addsGitlink(record)) found.push({ commit, file: field });
        record = undefined;
      } else if (field.startsWith(":")) record = field;
      else commit = field.trim();
    }
    return found;
  };
}

function addsGitlink(record: string): boolean {
  const parents = /^:+/.exec(record)?.[0].length ?? 0;
  const modes = record
    .slice(parents)
    .split(" ")
    .slice(0, parents + 1);
  return modes.at(-1) === "160000" && !modes.slice(0, -1).includes("160000");
}

/** Paths of the submodules that the primary's own `.gitmodules` names. */
async function declaredPaths(view: ObjectView): Promise<ReadonlySet<string>> {
  const args = ["config", "--null", "--blob=HEAD:.gitmodules", "--get-regexp", "^submodule\\..*\\.path$"];
  const { stdout } = await tryGit(view, args);
  const values = stdout.split("\0").map((entry) => entry.slice(entry.indexOf("\n") + 1));
  return new Set(values.map((value) => Buffer.from(value, "utf8").toString("latin1")));
}
