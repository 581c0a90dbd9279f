import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { DevkitError } from "../../base/errors.js";
import { runProcess } from "../process/run-process.js";
import { gitEnv, SAFE, translateGitError } from "./run-git.js";

/** Whole bundles only: one with a filter promises objects that are not in it. */
const HEADER =
  /^(# v2 git bundle\n|# v3 git bundle\n(@object-format=sha(1|256)\n)?)(-?[0-9a-f]{40,64}( [^\n]*)?\n)*$/;
/** More than any list of branches; the header ends long before, or it is none. */
const HEADER_LIMIT = 8 * 1024 * 1024;
/** Small packs become loose objects, as git's own fetch does it, so that frequent syncs do not pile packs up. */
const UNPACK_BYTES = 256 * 1024;

/**
 * Takes the objects of a bundle that came from an agent, every one checked, and no refs. `git fetch` does not do for
 * bundles what fetch.fsckObjects asks for (git < 2.46), so the pack goes to git's strict readers directly.
 */
export async function importBundle(commonDir: string, file: string): Promise<void> {
  const { start, size } = await findPack(file);
  const program =
    size - start <= UNPACK_BYTES ? ["unpack-objects", "-q"] : ["index-pack", "--fix-thin", "--stdin"];
  const args = [...SAFE, `--git-dir=${commonDir}`, ...program, "--strict"];
  const input = createReadStream(file, { start });
  const result = await runProcess("git", args, { cwd: commonDir, env: gitEnv(), input });
  if (result.exitCode !== 0)
    throw translateGitError(new Error(result.stderr || "failed"), [program[0] ?? ""]);
}

/** Where the pack begins: after the first empty line (gitformat-bundle(5)). */
async function findPack(file: string): Promise<{ start: number; size: number }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, HEADER_LIMIT)), 0);
    const head = buffer.subarray(0, bytesRead);
    const end = head.indexOf("\n\n");
    if (end === -1 || !HEADER.test(head.toString("latin1", 0, end + 1))) {
      throw new DevkitError("E_GIT", "what the agent sent is not a git bundle");
    }
    return { start: end + 2, size };
  } finally {
    await handle.close();
  }
}
