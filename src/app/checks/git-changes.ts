import { VERIFY_TRAILER } from "../../domain/checks/trailers.js";
import type { Changes } from "../ports-checks.js";

/** Both names of what was moved; nothing of the repository's settings is run. */
const NAMES = ["--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty"];

/** What git says of changes, wherever it runs: `run` answers its standard output. */
export function createGitChanges(run: (args: readonly string[]) => Promise<string>): Changes {
  return {
    staged: async () => splitNames(await run(["diff", "--cached", ...NAMES])),
    async since(base, { committedOnly }) {
      const range = committedOnly ? [`${base}...HEAD`] : ["--merge-base", base];
      return splitNames(await run(["diff", ...NAMES, ...range, "--"]));
    },
    async verified(base) {
      const format = `--format=%(trailers:key=${VERIFY_TRAILER},valueonly,unfold)`;
      const text = await run(["log", "--reverse", format, `${base}..HEAD`, "--"]);
      return text.split("\n").filter((line) => line !== "");
    },
  };
}

/** Names that each end with a NUL, as git writes them with `-z`. */
export function splitNames(text: string): readonly string[] {
  return [...new Set(text.split("\0").filter((name) => name !== ""))];
}
