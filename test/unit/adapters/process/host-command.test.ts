import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createHostCommands } from "../../../../src/adapters/process/host-command.js";
import { createTextSink } from "../../../../src/base/text-sink.js";
import { waitFor } from "../../../../src/base/wait.js";
import { tempDir } from "../../support/temp.js";

const never = new AbortController().signal;

test("a command runs in the directory and ends with its own code, what it says together", async () => {
  const dir = await tempDir();
  const run = createHostCommands(dir, { PATH: process.env["PATH"], WHO: "me" });
  const said = createTextSink(1000);
  const command = "pwd; echo $WHO $DEVKIT_HOOK; echo bad >&2; exit 7";
  expect(await run({ command, output: said.stream, signal: never })).toBe(7);
  expect(said.text().split("\n").sort()).toEqual(["", dir, "bad", "me host"].sort());
  expect(await run({ command: "kill -9 $$", output: said.stream, signal: never })).toBe(137);
});

test("an interruption ends it and all it started", async () => {
  const dir = await tempDir();
  const run = createHostCommands(dir, { PATH: process.env["PATH"] });
  const stop = new AbortController();
  const running = run({
    command: "sleep 300 & echo $! >pid; wait",
    output: createTextSink(0).stream,
    signal: stop.signal,
  });
  const what = "the background process";
  const pid = await waitFor(
    async () => (await readFile(path.join(dir, "pid"), "utf8").catch(() => "")).trim() || undefined,
    { deadlineMs: 5000, what },
  );
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  await waitFor(
    async () =>
      (await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "Z")).includes("Z") ? true : undefined,
    { deadlineMs: 5000, what },
  );
});

test("what it leaves running in the background is not waited for", async () => {
  const run = createHostCommands(await tempDir(), { PATH: process.env["PATH"] });
  const command = "sleep 20 & exit 3";
  expect(await run({ command, output: createTextSink(0).stream, signal: never })).toBe(3);
}, 10_000);
