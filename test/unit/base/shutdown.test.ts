import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { stripTypes } from "../support/strip-types.js";
import { tempDir } from "../support/temp.js";

const HOLD = "setInterval(() => {}, 60_000);";

/** Runs code with installShutdown in a process of its own; it prints "ready" when it may be signalled. */
async function start(body: string) {
  const dir = await tempDir();
  const source = (name: string) => path.resolve(import.meta.dirname, "../../../src/base", `${name}.ts`);
  for (const name of ["error-codes", "errors", "shutdown"]) {
    await writeFile(path.join(dir, `${name}.js`), await stripTypes(source(name)));
  }
  await writeFile(path.join(dir, "package.json"), '{"type":"module"}');
  const file = path.join(dir, "main.js");
  await writeFile(file, `import { installShutdown } from "./shutdown.js";\n${body}\n`);
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  child.stdout.on("data", (data: Buffer) => lines.push(...data.toString().trim().split("\n")));
  const said = async (line: string) => {
    while (!lines.includes(line)) await once(child.stdout, "data");
  };
  await said("ready");
  return { child, said, ended: once(child, "exit") as Promise<[number | null, string | null]> };
}

const REPORTING = `
const { signal } = installShutdown();
signal.addEventListener("abort", () => console.log(signal.reason.code));
console.log("ready");
${HOLD}`;

describe("signals", () => {
  test.each([
    ["SIGINT", "E_INTERRUPTED", 130],
    ["SIGTERM", "E_TERMINATED", 143],
    ["SIGHUP", "E_TERMINATED", 143],
  ] as const)(
    "%s aborts with %s first, and ends the process with %d when it comes again",
    async (name, code, exit) => {
      const { child, said, ended } = await start(REPORTING);
      child.kill(name);
      await said(code);
      child.kill(name);
      expect(await ended).toEqual([exit, null]);
    },
  );

  test("an inner command gets them instead, until it is done", async () => {
    const { child, said, ended } = await start(`
      const shutdown = installShutdown();
      shutdown.signal.addEventListener("abort", () => process.exit(9));
      const release = shutdown.delegate((signal) => { console.log("inner " + signal); release(); });
      console.log("ready");
      ${HOLD}`);
    child.kill("SIGINT");
    await said("inner SIGINT");
    child.kill("SIGINT");
    expect(await ended).toEqual([9, null]);
  });
});
