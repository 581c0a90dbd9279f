import { execa } from "execa";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await mkdir(path.join(box.repo, ".devkit/agents/agent-1"), { recursive: true });
});

afterAll(() => box.remove());

const said = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await box.devkit("task", ...args);
  return exitCode === 0 ? stdout : `${String(exitCode)}: ${stderr.split("\n")[0] ?? ""}`;
};

test("the specification's first steps, and a task's way from added to done", async () => {
  expect(await said("add", "Implement OAuth login", "-p", "p0")).toBe("Created: TSK-1");
  expect(await said("add", "Fix database connection pooling", "-p", "p1")).toBe("Created: TSK-2");
  expect(await said("add", "Add rate limiting middleware", "-p", "p2", "-b", "TSK-1")).toBe("Created: TSK-3");
  expect(await said("list")).toBe(
    [
      "   TASK   PRIO  STATUS   AGENT  TITLE",
      "○  TSK-1  p0    pending  -      Implement OAuth login",
      "○  TSK-2  p1    pending  -      Fix database connection pooling",
      "⊘  TSK-3  p2    blocked  -      Add rate limiting middleware",
    ].join("\n"),
  );
  expect(await said("next", "--start")).toBe("Started: TSK-1 - Implement OAuth login");
  expect(await said("start", "TSK-2", "--agent", "1")).toBe(
    "Started: TSK-2 - Fix database connection pooling",
  );
  expect(await said("done", "TSK-2")).toMatch(
    /^5: error: main has not claimed TSK-2: agent-1 has it \(claim 1/,
  );
  expect(await said("list", "--agent", "1")).toContain(">  TSK-2  p1    in_progress  agent-1");
  expect(await said("done", "-m", "merged")).toBe("Done: TSK-1 - Implement OAuth login");
  expect(await said("next")).toBe("TSK-3 - Add rate limiting middleware");
  const file = JSON.parse(await readFile(path.join(box.repo, ".devkit/refs/tasks/TSK-1"), "utf8")) as object;
  expect(file).toMatchObject({ status: "done", branch: "main", notes: [{ by: "main", text: "merged" }] });
  expect(await box.git("status", "--porcelain")).toBe("");
});

test("what others wrote does not act on the terminal, and a file that is no task is a warning", async () => {
  const file = path.join(box.repo, ".devkit/refs/tasks/TSK-8");
  const title = "x\u001b]0;owned\u0007\u202e\u001b[2J";
  await writeFile(
    file,
    JSON.stringify({ title, status: "pending", priority: "p3", created_at: "2026-01-01T00:00:00Z" }),
  );
  await writeFile(`${file}0`, "{");
  const { stdout, stderr } = await box.devkit("task", "list");
  // eslint-disable-next-line no-control-regex -- what must not be there
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(stderr).toBe('warning: "TSK-80" in the pool is no task: it is not whole JSON');
  expect((await box.json("task", "list")).warnings).toHaveLength(1);
  expect(await said("show", "TSK-80")).toMatch(/^1: error: "TSK-80" in the pool is no task/);
});

test("the pool is the primary's, from a linked worktree of the user's too", async () => {
  await box.git("worktree", "add", "-q", "../linked", "-b", "side");
  const cwd = path.join(box.dir, "linked");
  const { stdout } = await box.devkitWith({ cwd }, "task", "show", "TSK-1");
  expect(stdout).toContain("Implement OAuth login");
});

test("issues come in by standard input", async () => {
  const input = JSON.stringify([{ number: 4, title: "Crash", body: "", labels: [{ name: "p0" }] }]);
  const { stdout } = await box.devkitWith({ input, stdin: "pipe" }, "task", "import");
  expect(stdout).toMatch(/^Created: TSK-\d+ - Crash$/);
  expect((await box.devkitWith({ input, stdin: "pipe" }, "task", "import", "-")).stdout).toBe(
    "1 task known already.",
  );
});

describe("with 10,000 tasks", () => {
  beforeAll(async () => {
    const directory = path.join(box.repo, ".devkit/refs/tasks");
    for (let number = 1000; number < 11_000; number += 1) {
      const blocked = number > 1010 ? { blocked_by: [`TSK-${String(number - 7)}`] } : {};
      const status = ["pending", "pending", "done", "in_progress"][number % 4];
      const task = {
        title: `Task ${String(number)} of very many`,
        status,
        priority: `p${String(number % 4)}`,
      };
      const text = JSON.stringify({ ...task, created_at: "2026-01-01T00:00:00Z", ...blocked });
      await writeFile(path.join(directory, `TSK-${String(number)}`), text);
    }
  });

  // What it costs rather than how long it takes: the machine has other things to do. Half a second is what it should be
  // when there are none; then an idle node is 0.025 s.
  test.each([[["list"]], [["next"]], [["add", "one more"]]])("devkit task %s is quick", async (words) => {
    const bare = await cpuOf(["-e", "0"]);
    const spent = await cpuOf([PROGRAM, "task", ...words]);
    expect(spent / bare, `${String(spent)} s of processor, node alone ${String(bare)} s`).toBeLessThan(28);
  });
});

test("listing tasks starts no git and asks no engine", async () => {
  const env = { PATH: "/nowhere", DOCKER_HOST: "unix:///nowhere" };
  expect((await box.devkitWith({ env }, "task", "list", "--status", "backlog")).exitCode).toBe(0);
});

/** Seconds of processor time, the least of three runs. */
async function cpuOf(args: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const timed = ["-c", 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1', "-", process.execPath, ...args];
    const { stderr } = await execa("bash", timed, { cwd: box.repo, env: box.env, extendEnv: false });
    times.push(stderr.split(" ").reduce((sum, part) => sum + Number(part), 0));
  }
  return Math.min(...times);
}
