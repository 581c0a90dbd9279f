import { expect, test } from "vitest";
import { thrownBy } from "../../support/temp.js";
import { askTool, noAnswer, urlsIn } from "../../../../src/adapters/registries/ask-tool.js";

const options = { cwd: "/", env: { PATH: "/usr/bin:/bin" }, signal: new AbortController().signal };

test("a tool that takes too long is not waited for, nor is what it started", async () => {
  const startedAt = performance.now();
  const answer = await askTool("sh", ["-c", "sleep 5 & wait"], { ...options, deadlineMs: 200 });
  expect(answer).toEqual({ kind: "silent" });
  expect(performance.now() - startedAt).toBeLessThan(3000);
  expect(noAnswer("npm", "npm", answer)).toBe(
    "npm did not say in time where it downloads from; write the names of its hosts into [egress] allow",
  );
});

test("a tool gets exactly the environment given, and no input", async () => {
  const env = { ...options.env, A: "1", B: undefined };
  const answer = await askTool("sh", ["-c", 'cat; echo "$A $B $HOME"'], { ...options, env });
  expect(answer).toMatchObject({ kind: "ended", exitCode: 0, stdout: "1  " });
});

test("a tool that is not there is missing", async () => {
  expect(await askTool("devkit-no-such-tool", [], options)).toEqual({ kind: "missing" });
});

test("URLs end where lists, quotes and patterns do", () => {
  const text = `a='https://a.example.com/x', <b>https://b.example.com</b> sparse+https://c.example.com/|https://d.example.com/[x]`;
  expect(urlsIn(text)).toEqual([
    "https://a.example.com/x",
    "https://b.example.com",
    "sparse+https://c.example.com/",
    "https://d.example.com/",
  ]);
});

test("a command that is interrupted gets the interruption's own reason", async () => {
  const controller = new AbortController();
  const asked = thrownBy(askTool("sleep", ["5"], { ...options, signal: controller.signal }));
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await asked).toBe(reason);
});
