import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as live from "../support/live-process.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

const MIB = 1024 ** 2;

let box: Sandbox;
let worktree: string;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  // A small /tmp, so that a test can fill it.
  await writeFile(path.join(box.repo, "devkit.toml"), '[container]\ntmp = "1m"\n');
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
  worktree = path.join(box.repo, ".devkit/agents/agent-2");
  await writeFile(path.join(worktree, "args"), "#!/bin/sh\nfor arg; do printf '%s\\0' \"$arg\"; done\n");
  await chmod(path.join(worktree, "args"), 0o755);
  await mkdir(path.join(worktree, "two words"));
});

afterAll(async () => {
  live.killLeftProcesses();
  await box.remove();
});

const run = (...words: string[]) => live.runBytes(box, words);
const shell = (script: string) => box.devkit("exec", "2", "--", "sh", "-c", script);
const start = (...words: string[]) => live.startDevkit(box, ["exec", "2", "--", ...words]);
const numbered = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word}${String(i)}\n`).join("");
const runsInside = async (word: string) =>
  (await live.processesIn(box, 2)).some((line) => line.includes(word));
const exists = (name: string) =>
  access(path.join(worktree, name)).then(
    () => true,
    () => false,
  );

describe("arguments", () => {
  const WORDS = [
    ...["two words", "  edges  ", "it's", '"quoted"', "", "line\nbreak\n", "\n", "tab\there", "\r", "'"],
    ...["$HOME", "$(id)", "`id`", "${x}", "back\\slash\\", "\\n", "%s", "*", "?"],
    ...["~", "!", ";", "a&b", "<", "|"],
    ...["grüße → 日本 😀", "e\u0301", "\u00a0", "\x01\x1b[31m", "a=b", "{a,b}", "#", "-", "=", ""],
    ...[
      "--help",
      "-h",
      "-p",
      "--json",
      "-v",
      "-V",
      "--version",
      "-C",
      "--no-color",
      "--config",
      "--",
      "--",
      "",
    ],
  ];
  test.each([
    ["exec, after --", ["exec", "2", "--", "./args"]],
    ["exec, without --", ["exec", "2", "./args"]],
    ["exec, by name", ["exec", "agent-2", "./args"]],
    ["exec, after an option of devkit's", ["-v", "exec", "2", "./args"]],
    ["exec-cd, after --", ["exec-cd", "2", "--", "./args"]],
    ["exec-cd, in a directory", ["exec-cd", "2", "src", "../args"]],
    ["exec-cd, in a directory, after --", ["exec-cd", "2", "two words", "--", "../args"]],
  ])("%s: every byte arrives", async (_, command) => {
    const { stdout, stderr, exitCode } = await run(...command, ...WORDS);
    expect(stdout.toString()).toBe(WORDS.map((word) => `${word}\0`).join(""));
    expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  });

  test.each([
    ["bash", ["2", "bash"], "/workspace"],
    ["path, command", ["2", "src", "pwd"], "/workspace/src"],
    ["path -- command", ["2", "src", "--", "pwd"], "/workspace/src"],
    ["-- command", ["2", "--", "pwd"], "/workspace"],
    ["a path with a space", ["2", "two words", "pwd"], "/workspace/two words"],
    ["a path with dots", ["2", "./src/../src/lib/", "--", "pwd"], "/workspace/src/lib"],
    ["an absolute path", ["2", "/etc", "pwd"], "/etc"],
  ])("exec-cd with %s", async (_, args, directory) => {
    const { stdout, exitCode } = await live.runBytes(box, ["exec-cd", ...args], "pwd\n");
    expect({ stdout: stdout.toString(), exitCode }).toEqual({ stdout: `${directory}\n`, exitCode: 0 });
  });

  test.each([
    ["a missing directory", ["2", "nowhere", "ls"], 4, "/workspace/nowhere"],
    ["a file as directory", ["2", "README.md", "ls"], 4, "/workspace/README.md"],
    ["no command", ["2"], 2, "needs a command"],
    ["no command after --", ["2", "src", "--"], 2, "needs a command"],
  ])("exec-cd with %s", async (_, args, exitCode, said) => {
    const result = await box.devkit("exec-cd", ...args);
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).toContain(said);
    expect(result.stderr).toContain("hint: ");
  });
});

describe("exit codes", () => {
  test.each([0, 1, 2, 42, 125, 126, 127, 128, 255])("%i passes", async (code) => {
    expect(await shell(`exit ${String(code)}`)).toEqual({ exitCode: code, stdout: "", stderr: "" });
  });

  test.each([
    ["no such program", "no-such-program", 127],
    ["a directory as program", "/etc", 126],
    ["a file that is no program", "./README.md", 126],
  ])("%s", async (_, command, exitCode) => {
    const result = await box.devkit("exec", "2", command);
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).toContain(command);
  });

  test.each([
    ["KILL", 137],
    ["TERM", 143],
    ["SEGV", 139],
  ])("death by SIG%s is 128+n", async (signal, exitCode) => {
    expect(await shell(`kill -${signal} $$`)).toMatchObject({ exitCode });
  });
});

describe("signals without a terminal", () => {
  test.each(["INT", "TERM", "HUP"] as const)("SIG%s reaches the command and its children", async (name) => {
    const child = `trap ': > child-${name}; exit' ${name}; touch ready-${name}; while :; do sleep 0.05; done`;
    const script = `trap ': > got-${name}; wait; exit 7' ${name}; (${child}) & while :; do sleep 0.05; done`;
    const devkit = start("bash", "-c", script);
    await box.until(() => exists(`ready-${name}`));
    devkit.kill(`SIG${name}`);
    expect(await devkit.ended).toEqual({ code: 7, signal: null });
    expect([await exists(`got-${name}`), await exists(`child-${name}`)]).toEqual([true, true]);
  });

  test.each([
    ["child", "sleep 4011; echo after"],
    ["command without an environment", "exec env -i sleep 4012"],
    ["child in a session of its own", "cd / && setsid -w sleep 4013"],
  ])("SIGINT ends a %s that does not catch it", async (_, script) => {
    const devkit = start("sh", "-c", script);
    await box.until(() => runsInside("sleep 401"));
    devkit.kill("SIGINT");
    const ended = await Promise.race([devkit.ended, live.afterMs(20_000, "still running")]);
    await shell("pkill -KILL -f 'sleep 401[0-9]'");
    expect(ended).toEqual({ code: 130, signal: null });
  });

  test("a full /tmp in the agent does not keep a signal away", async () => {
    const up = ["sh", "-c", "echo up; exec sleep 4002"];
    await shell("cat /dev/zero >/tmp/full 2>&1");
    try {
      for (const devkit of [start(...up), start(...up)]) {
        await once(devkit.stdout, "data");
        devkit.kill("SIGTERM");
        const ended = await Promise.race([devkit.ended, live.afterMs(20_000, "still running")]);
        expect(ended).toEqual({ code: 143, signal: null });
      }
    } finally {
      await shell("rm -f /tmp/full; pkill -f 'sleep 400[2]'");
    }
  });

  test("at whatever moment a signal comes, devkit ends and leaves nothing running", async () => {
    const started = performance.now();
    await shell("true");
    const whole = performance.now() - started;
    const ends = Array.from({ length: 12 }, async (_, position) => {
      await live.afterMs(position * whole, undefined);
      const devkit = start("sleep", "4003");
      await live.afterMs((whole * (position + 1)) / 10, undefined);
      devkit.kill("SIGTERM");
      return Promise.race([devkit.ended.then(({ code }) => code), live.afterMs(20_000, "still running")]);
    });
    // 143: devkit's own answer or the command's; null: before devkit could catch it.
    for (const end of await Promise.all(ends)) expect([143, null]).toContain(end);
    await box.until(async () => !(await runsInside("4003")));
  });
});

describe("input and output", () => {
  test("100 MB of random bytes come back as they are, in bounded memory", async () => {
    const devkit = start("cat");
    const [sent, received] = [createHash("sha256"), createHash("sha256")];
    const source = Readable.from(Array.from({ length: 100 }, () => MIB)).map((size: number) => {
      const bytes = randomBytes(size);
      sent.update(bytes);
      return bytes;
    });
    let peak = 0;
    const receive = async () => {
      for await (const chunk of devkit.stdout) {
        received.update(chunk as Buffer);
        peak = Math.max(peak, await devkit.peakBytes());
      }
    };
    const complaints = live.collect(devkit.stderr);
    await Promise.all([pipeline(source, devkit.stdin), receive()]);
    expect(await devkit.ended).toEqual({ code: 0, signal: null });
    expect(received.digest("hex")).toBe(sent.digest("hex"));
    expect(peak).toBeGreaterThan(MIB);
    expect(peak).toBeLessThan(250 * MIB);
    expect((await complaints).toString()).toBe("");
  });

  test("a slow reader makes the command wait and devkit's memory does not grow", async () => {
    const size = 300 * MIB;
    const devkit = start("head", "-c", String(size), "/dev/zero");
    await once(devkit.stdout, "readable");
    await box.until(() => live.stalls(devkit));
    expect(await devkit.peakBytes()).toBeLessThan(250 * MIB);
    let bytes = 0;
    for await (const chunk of devkit.stdout) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(size);
    expect(await devkit.ended).toEqual({ code: 0, signal: null });
  });

  test("a reader that comes late gets the output to its end", async () => {
    const devkit = start("head", "-c", String(2 * MIB), "/dev/zero");
    await Promise.race([devkit.ended, box.until(() => live.stalls(devkit))]);
    expect((await live.collect(devkit.stdout)).length).toBe(2 * MIB);
  });

  test("the end of the input reaches the command, and what it says after that comes back", async () => {
    const { stdout, exitCode } = await live.runBytes(box, ["exec", "2", "sh", "-c", "cat; echo end"], "in\0");
    expect({ stdout: stdout.toString(), exitCode }).toEqual({ stdout: "in\0end\n", exitCode: 0 });
  });

  test("an idle open input does not keep devkit after the command", async () => {
    expect(await start("sh", "-c", "exit 5").ended).toEqual({ code: 5, signal: null });
  });

  test("input that the command does not read does no harm", async () => {
    const { exitCode, stderr } = await live.runBytes(box, ["exec", "2", "true"], Buffer.alloc(20 * MIB));
    expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  });

  test("output closed early ends the command as a pipe does", async () => {
    const devkit = start("yes", "closed-early");
    const complaints = live.collect(devkit.stderr);
    await once(devkit.stdout, "data");
    devkit.stdout.destroy();
    expect(await devkit.ended).toEqual({ code: 141, signal: null });
    expect((await complaints).toString()).toBe("");
    await box.until(async () => !(await runsInside("closed-early")));
  });

  test("stdout and stderr stay apart, whole and in order", async () => {
    const script = "for i in {0..19999}; do echo o$i; echo e$i >&2; done";
    const { stdout, stderr } = await run("exec", "2", "bash", "-c", script);
    expect(stdout.toString()).toBe(numbered("o"));
    expect(stderr.toString()).toBe(numbered("e"));
  });

  test("--json answers one document with both streams, their ends when they are long", async () => {
    const short = await box.json("exec", "2", "--", "sh", "-c", "echo out; echo err >&2; exit 3");
    const data = {
      index: 2,
      name: "agent-2",
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
      truncated: false,
    };
    expect(short).toEqual({ ok: true, command: "exec", version: 1, data, warnings: [], exitCode: 3 });
    const { stdout } = await run("--json", "exec-cd", "2", "src", "sh", "-c", "seq 500000; pwd >&2");
    expect(stdout.toString().slice(-60)).toContain('"truncated":true},"warnings":[]}\n');
    const long = JSON.parse(stdout.toString()) as { data: { stdout: string; stderr: string } };
    expect(long.data.stderr).toBe("/workspace/src\n");
    expect([long.data.stdout.length, long.data.stdout.slice(-7)]).toEqual([MIB, "500000\n"]);
  });

  test("commands that ended leave nothing of devkit's behind in the agent", async () => {
    const { stdout } = await shell("find /tmp -mindepth 1 -not -path '/tmp/devkit-test-*' | wc -l");
    expect(Number(stdout)).toBeLessThanOrEqual(1);
  });
});
