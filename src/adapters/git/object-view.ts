import { DevkitError } from "../../base/errors.js";
import { runProcess, type ProcessResult } from "../process/run-process.js";
import { gitEnv, SAFE } from "./run-git.js";

/** Where to look: the primary's git dir, and the environment that says which object directory counts. */
export interface ObjectView {
  readonly commonDir: string;
  readonly env: Record<string, string>;
}

export function ownObjects(commonDir: string): ObjectView {
  return { commonDir, env: gitEnv() };
}

/** The words that run git on it. */
export function gitWords({ commonDir }: ObjectView): [string, ...string[]] {
  return ["git", ...SAFE, `--git-dir=${commonDir}`];
}

/** Never throws for git's failure. */
export function tryGit(view: ObjectView, args: readonly string[], input = ""): Promise<ProcessResult> {
  const [program, ...first] = gitWords(view);
  return runProcess(program, [...first, ...args], { cwd: view.commonDir, env: view.env, input });
}

/** @throws DevkitError E_GIT */
export async function askGit(view: ObjectView, args: readonly string[], input = ""): Promise<string> {
  const result = await tryGit(view, args, input);
  if (result.exitCode === 0) return result.stdout;
  throw new DevkitError("E_GIT", `git ${args[0] ?? ""}: ${result.stderr.split("\n")[0] ?? ""}`);
}
