import { expect, test } from "vitest";
import { runPipe, type CommandWords } from "../../../../src/adapters/process/run-pipe.js";

const OPTIONS = { cwd: "/", env: { PATH: process.env["PATH"] ?? "" } };
const sh = (script: string): CommandWords => ["/bin/sh", "-c", script];

async function readAll(...commands: CommandWords[]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of runPipe(commands, "one\ntwo\n", OPTIONS)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("what the last command prints of what the first was given", async () => {
  expect(await readAll(sh("cat"), sh("tr a-z A-Z"))).toBe("ONE\nTWO\n");
});

test.each([
  ["the last one", [sh("cat"), sh("cat; exit 3")]],
  ["the first one", [sh("cat; exit 3"), sh("cat")]],
  ["by a signal", [sh("cat; kill -SEGV $$")]],
])("a command that fails is no end of the output: %s", async (_, commands) => {
  await expect(readAll(...commands)).rejects.toThrow("failed");
});

test("a reader that has enough ends the commands, and that is no failure", async () => {
  for await (const chunk of runPipe([sh("yes"), sh("cat")], "", OPTIONS)) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
});
