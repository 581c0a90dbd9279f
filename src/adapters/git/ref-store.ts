import { Readable } from "node:stream";
import type { Elsewhere, RefStore } from "../../app/ports-trash.js";
import type { RefChange } from "../../domain/custody/trash.js";
import { runProcess } from "../process/run-process.js";
import { findLanding } from "./find-landing.js";
import { createModuleGit } from "./module-dirs.js";
import { createGit, gitEnv, SAFE, translateGitError, type RunGit } from "./run-git.js";

const HEADS = "refs/heads/";
/** A devkit that was killed leaves its git running: it is worth waiting for, for it holds the refs only for a moment. */
const LOCK_TIMEOUT = ["-c", "core.filesRefLockTimeout=10000", "-c", "core.packedRefsTimeout=10000"];

/** The host's refs through git itself. */
export function createRefStore({ root, commonDir }: { root: string; commonDir: string }): RefStore {
  return storeOf(createGit(root), commonDir, []);
}

/** The same of a submodule's git dir, wherever its files are. */
export function createModuleRefs(gitDir: string): RefStore {
  return storeOf(createModuleGit(gitDir), gitDir, [`--work-tree=${gitDir}`]);
}

function storeOf(git: RunGit, commonDir: string, where: readonly string[]): RefStore {
  return {
    async list(...patterns) {
      const text = await git("for-each-ref", "--format=%(objectname) %(refname)", ...patterns);
      const lines = text.split("\n").filter((line) => line !== "");
      return new Map(
        lines.map((line) => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))]),
      );
    },
    async change(changes) {
      if (changes.length === 0) return;
      const args = [
        ...SAFE,
        ...LOCK_TIMEOUT,
        `--git-dir=${commonDir}`,
        ...where,
        "update-ref",
        "--stdin",
        "-z",
      ];
      const input = Readable.from([changes.map(toCommand).join("")]);
      const result = await runProcess("git", args, { cwd: commonDir, env: gitEnv(), input });
      if (result.exitCode !== 0)
        throw translateGitError(new Error(result.stderr || "failed"), ["update-ref"]);
    },
    async mergedInto(oid, pattern) {
      const text = await git("for-each-ref", `--merged=${oid}`, "--format=%(objecttype) %(refname)", pattern);
      // A tag is listed for its commit's sake, but nothing of the commit's keeps the tag itself.
      const refs = text.split("\n").filter((line) => line.startsWith("commit "));
      return new Set(refs.map((line) => line.slice("commit ".length)));
    },
    async countOwn(tips, elsewhere) {
      if (tips.length === 0) return 0;
      const text = await git("rev-list", "--count", "--ignore-missing", ...tips, ...notIn(elsewhere));
      return Number(text.trim());
    },
    findLanding: (tip, base) => findLanding(git, tip, base),
  };
}

function toCommand({ ref, from, to }: RefChange): string {
  return to === undefined ? `delete ${ref}\0${from ?? ""}\0` : `update ${ref}\0${to}\0${from ?? ""}\0`;
}

function notIn({ except, commits }: Elsewhere): string[] {
  const exclude = except === undefined ? [] : [`--exclude=${except.slice(HEADS.length)}*`];
  return ["--not", ...commits, ...exclude, "--branches", "--remotes", "--tags"];
}
