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

/**
 * Takes the objects of a bundle that came from an agent, every one checked, and no refs. `git fetch` does not do for
 * bundles what fetch.fsckObjects asks for (git < 2.46), so the pack goes to index-pack directly,
 * which keeps nothing of a pack that it refuses (unpack-objects does).
 */
export async function importBundle(commonDir: string, file: string): Promise<void> {
  const start = await findPack(file);
  const args = [...SAFE, `--git-dir=${commonDir}`, "index-pack", "--fix-thin", "--stdin", "--strict"];
  const input = createReadStream(file, { start });
  const result = await runProcess("git", args, { cwd: commonDir, env: gitEnv(), input });
  if (result.exitCode !== 0) throw translateGitError(new Error(result.stderr || "failed"), ["index-pack"]);
}

/** Where the pack begins: after the first empty line (gitformat-bundle(5)). */
async function findPack(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, HEADER_LIMIT)), 0);
    const head = buffer.subarray(0, bytesRead);
    const end = head.indexOf("\n\n");
    if (end === -1 || !HEADER.test(head.toString("latin1", 0, end + 1))) {
      throw new DevkitError("E_GIT", "what the agent sent is not a git bundle");
    }
    return end + 2;
  } finally {
    await handle.close();
  }
}
