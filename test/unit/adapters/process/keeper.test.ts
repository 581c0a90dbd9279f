import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { waitFor } from "../../../../src/base/wait.js";
import { bundleProgram, startProgram } from "../../support/child.js";
import { tempDir } from "../../support/temp.js";

const PROGRAM = path.join(import.meta.dirname, "keeper-program.ts");

/** Whether a keeper still waits with this file among its words. */
function isWaiting(file: string): boolean {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return words.includes("devkit-keeper") && words.includes(file);
      } catch {
        return false;
      }
    });
}

test.each(["killed", "end"])("the command of a keeper runs when its process is killed: %s", async (how) => {
  const file = path.join(await tempDir(), "made");
  const child = startProgram(await bundleProgram(PROGRAM), file, how);
  await child.said("ready");
  if (how === "killed") {
    expect(isWaiting(file)).toBe(true);
    child.process.kill("SIGKILL");
  }
  await child.ended;
  const isOver = () => Promise.resolve(isWaiting(file) ? undefined : true);
  await waitFor(isOver, { deadlineMs: 10_000, what: "the keeper to end" });
  const isMade = () => Promise.resolve(existsSync(file) ? true : undefined);
  if (how === "killed") await waitFor(isMade, { deadlineMs: 10_000, what: "the file" });
  else expect(existsSync(file)).toBe(false);
});
