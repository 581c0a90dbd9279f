import type { RunHost } from "../../app/ports-runs.js";
import { createRawGit } from "./raw-git.js";

/** Bundles of the primary's commits; git reads nothing of an agent's for it. */
export function createBundleWriter(root: string): RunHost["writeBundle"] {
  const git = createRawGit(root);
  return async (refs, base, sink) => {
    await git(["bundle", "create", "-q", "-", "--stdin"], {
      // Not on the command line, which has an end.
      input: [...refs, `^${base}`].map((line) => `${line}\n`).join(""),
      output: sink,
    });
  };
}
