import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { beforeEach, expect, test } from "vitest";
import { readImport } from "../../../../src/adapters/fs/read-import.js";
import { errorOf, tempDir } from "../../support/temp.js";

let dir: string;
const never = new AbortController().signal;
const stdin = () => new PassThrough();
const read = (file: string) => readImport({ file, stdin, signal: never });

beforeEach(async () => {
  dir = await tempDir();
});

test("a file, and what comes through a pipe late", async () => {
  const file = path.join(dir, "auth.json");
  writeFileSync(file, "{}");
  expect(await read(file)).toBe("{}");
  const pipe = path.join(dir, "pipe");
  execFileSync("mkfifo", [pipe]);
  const writer = spawn("sh", ["-c", 'exec 3<>"$0"; echo; sleep 0.2; echo {} >&3; sleep 0.2', pipe]);
  await new Promise((resolve) => writer.stdout.once("data", resolve));
  expect(await read(pipe)).toBe("{}\n");
});

test("the user can end it, also while nobody writes to a pipe", async () => {
  const pipe = path.join(dir, "pipe");
  execFileSync("mkfifo", [pipe]);
  for (const file of ["-", pipe]) {
    const end = new AbortController();
    const reading = readImport({ file, stdin, signal: end.signal });
    end.abort(new Error("Ctrl-C"));
    await expect(reading).rejects.toThrow("Ctrl-C");
  }
});

test("what is no such file is told so", async () => {
  for (const file of [dir, path.join(dir, "missing"), "/dev/zero"])
    expect(await errorOf(read(file))).toMatchObject({ code: "E_LOGIN", exitCode: 2 });
});
