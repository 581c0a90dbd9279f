import path from "node:path";
import { expect, test } from "vitest";
import { bundleProgram, startProgram } from "../support/child.js";

const PROGRAM = path.join(import.meta.dirname, "shutdown-program.ts");

test.each([
  ["SIGINT", "E_INTERRUPTED", 130],
  ["SIGTERM", "E_TERMINATED", 143],
  ["SIGHUP", "E_TERMINATED", 143],
] as const)(
  "%s aborts with %s first, and ends the process with %d when it comes again",
  async (name, code, exit) => {
    const child = startProgram(await bundleProgram(PROGRAM));
    await child.said("ready");
    child.process.kill(name);
    await child.said(code);
    child.process.kill(name);
    expect(await child.ended).toBe(exit);
  },
);

test("an inner command gets signals instead, until it is done", async () => {
  const child = startProgram(await bundleProgram(PROGRAM), "delegate");
  await child.said("ready");
  child.process.kill("SIGINT");
  await child.said("inner SIGINT");
  expect(child.lines).toEqual(["ready", "inner SIGINT"]);
  child.process.kill("SIGINT");
  await child.said("E_INTERRUPTED");
});
