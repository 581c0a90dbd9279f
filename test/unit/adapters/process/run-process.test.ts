import { expect, test } from "vitest";
import { runProcess } from "../../../../src/adapters/process/run-process.js";
import { tempDir } from "../../support/temp.js";

test("answers the exit code and both streams, and never throws for them", async () => {
  expect(await runProcess("sh", ["-c", "echo out; echo err >&2; exit 3"])).toEqual({
    exitCode: 3,
    stdout: "out",
    stderr: "err",
    missing: false,
  });
});

test("arguments arrive as they are: there is no shell", async () => {
  const args = ["a b", "$(id)", "`id`", "*", "", "--help", '"x"', "ä\n"];
  const { stdout } = await runProcess(process.execPath, [
    "-e",
    "console.log(JSON.stringify(process.argv.slice(1)))",
    "--",
    ...args,
  ]);
  expect(JSON.parse(stdout)).toEqual(args);
});

test("a program that is not installed is told apart from one that failed", async () => {
  expect(await runProcess("devkit-no-such-program", [])).toMatchObject({
    missing: true,
    exitCode: undefined,
  });
  expect(await runProcess("sh", ["-c", "exit 127"])).toMatchObject({ missing: false, exitCode: 127 });
});

test("it reads nothing: a program that waits for input ends", async () => {
  expect(await runProcess("cat", [])).toMatchObject({ exitCode: 0, stdout: "" });
});

test("runs where it is told to", async () => {
  const dir = await tempDir();
  expect((await runProcess("pwd", [], { cwd: dir })).stdout).toBe(dir);
});

test("ends with the signal that ends the command", async () => {
  const controller = new AbortController();
  const running = runProcess("sleep", ["600"], { signal: controller.signal });
  controller.abort();
  expect((await running).exitCode).toBeUndefined();
});
