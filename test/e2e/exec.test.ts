import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  collect,
  killLeftProcesses,
  runBytes,
  startDevkit,
  type LiveProcess,
} from "../support/live-process.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

const MIB = 1024 ** 2;
const MEMORY_LIMIT = 250 * MIB;

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
  killLeftProcesses();
  await box.remove();
});

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

/** Command lines of what runs in agent 2, besides the look itself. */
async function processes(): Promise<string[]> {
  const { stdout } = await box.devkit("exec", "2", "--", "ps", "-eo", "args=");
  return lines(stdout).filter((line) => !line.startsWith("ps "));
}

const exists = (name: string) =>
  access(path.join(worktree, name)).then(
    () => true,
    () => false,
  );

describe("arguments", () => {
  const WORDS = [
    ...["two words", "  edges  ", "it's", '"quoted"', "", "line\nbreak\n", "\n", "tab\there", "\r"],
    ...[
      "$HOME",
      "$(id)",
      "`id`",
      "${x}",
      "back\\slash\\",
      "\\n",
      "%s",
      "*",
      "?",
      "~",
      "!",
      ";",
      "a&b",
      "<in",
      "|",
    ],
    ...["grüße → 日本 😀", "e\u0301", "\u00a0", "\x01\x1b[31m", "a=b", "{a,b}", "#", "-", "=", "'"],
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
    const { stdout, stderr, exitCode } = await runBytes(box, [...command, ...WORDS]);
    expect(stdout.toString()).toBe(WORDS.map((word) => `${word}\0`).join(""));
    expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  });

  test.each([
    ["bash", ["2", "bash"], "/workspace"],
    ["path, command", ["2", "src", "pwd"], "/workspace/src"],
    ["path -- command", ["2", "src", "--", "pwd"], "/workspace/src"],
    ["-- command", ["2", "--", "pwd"], "/workspace"],
    ["a path with a space", ["2", "two words", "pwd"], "/workspace/two words"],
    ["a path of its own form", ["2", "./src/../src/lib/", "--", "pwd"], "/workspace/src/lib"],
    ["an absolute path", ["2", "/etc", "pwd"], "/etc"],
  ])("exec-cd with %s", async (_, args, directory) => {
    const { stdout, exitCode } = await runBytes(box, ["exec-cd", ...args], "pwd\n");
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

test("the environment is the agent's, not the host's", async () => {
  const secrets = { SECRET_TOKEN: "hunter2", HTTP_PROXY: "http://tess:hunter2@proxy:3128" };
  const proxies = { https_proxy: "socks5h://tess:hun@hunter2@proxy:1080", NO_PROXY: "localhost,.corp" };
  const host = {
    ...box.env,
    ...secrets,
    ...proxies,
    TERM: "xterm",
    COLORTERM: "truecolor",
    LANG: "de_DE.UTF-8",
  };
  const { stdout } = await box.devkitWith({ env: host }, "exec", "2", "--", "env", "-0");
  const env = Object.fromEntries(
    stdout.split("\0").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  const home = "/home/agent";
  expect(env).toMatchObject({
    ...{ HOME: home, DEV_HOME: home, USER: "agent", CODEX_HOME: `${home}/.codex`, LANG: "C.UTF-8" },
    ...{ CODEX_ROLLOUT_DIR: `${home}/.codex/rollouts`, CLAUDE_CONFIG_DIR: `${home}/.claude` },
    ...{ XDG_CONFIG_HOME: `${home}/.config`, XDG_STATE_HOME: `${home}/.local/state` },
    ...{ DEVKIT_AGENT: "agent-2", DEVKIT_AGENT_INDEX: "2" },
    DEVKIT_PROJECT: expect.stringMatching(/^demo-[0-9a-f]{8}$/) as string,
    ...{ HTTP_PROXY: "http://proxy:3128", http_proxy: "http://proxy:3128" },
    ...{ HTTPS_PROXY: "socks5h://proxy:1080", https_proxy: "socks5h://proxy:1080" },
    ...{ NO_PROXY: "localhost,.corp", no_proxy: "localhost,.corp" },
  });
  expect(stdout).not.toContain("hunter2");
  for (const name of ["TERM", "COLORTERM", "SECRET_TOKEN"]) expect(env).not.toHaveProperty(name);
  const directories = ["HOME", "CODEX_HOME", "CODEX_ROLLOUT_DIR", "CLAUDE_CONFIG_DIR", "XDG_CACHE_HOME"];
  const check = directories.map((name) => `test -d "$${name}" && test -w "$${name}"`).join(" && ");
  expect(await box.devkit("exec", "2", "--", "sh", "-c", check)).toMatchObject({ exitCode: 0 });
});

describe("exit codes", () => {
  test.each([0, 1, 2, 42, 125, 126, 127, 128, 255])("%i passes", async (code) => {
    const result = await box.devkit("exec", "2", "--", "sh", "-c", `exit ${String(code)}`);
    expect(result).toEqual({ exitCode: code, stdout: "", stderr: "" });
  });

  test.each([
    ["no such program", ["no-such-program"], 127, "no-such-program"],
    ["a directory as program", ["/etc"], 126, "/etc"],
    ["a file that is no program", ["./README.md"], 126, "README.md"],
  ])("%s", async (_, command, exitCode, said) => {
    const result = await box.devkit("exec", "2", ...command);
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).toContain(said);
  });

  test.each([
    ["KILL", 137],
    ["TERM", 143],
    ["SEGV", 139],
  ])("death by SIG%s is 128+n", async (signal, exitCode) => {
    expect(await box.devkit("exec", "2", "--", "sh", "-c", `kill -${signal} $$`)).toMatchObject({ exitCode });
  });
});

describe("signals without a terminal", () => {
  test.each(["INT", "TERM", "HUP"] as const)("SIG%s reaches the command and its children", async (name) => {
    const child = `trap 'touch child-${name}; exit' ${name}; touch ready-${name}; while :; do sleep 0.05; done`;
    const script = `trap 'touch got-${name}; wait; exit 7' ${name}; (${child}) & while :; do sleep 0.05; done`;
    const live = startDevkit(box, ["exec", "2", "--", "bash", "-c", script]);
    await box.until(() => exists(`ready-${name}`));
    live.kill(`SIG${name}`);
    expect(await live.ended).toEqual({ code: 7, signal: null });
    expect([await exists(`got-${name}`), await exists(`child-${name}`)]).toEqual([true, true]);
  });

  test("a command that does not catch SIGINT ends with it", async () => {
    const live = startDevkit(box, ["exec", "2", "--", "sh", "-c", "echo up; sleep 4001; echo after"]);
    await once(live.stdout, "data");
    live.kill("SIGINT");
    expect(await live.ended).toEqual({ code: 130, signal: null });
    expect((await processes()).filter((line) => line.includes("4001"))).toEqual([]);
  });

  test("a full /tmp in the agent does not keep a signal away", async () => {
    await box.devkit("exec", "2", "--", "sh", "-c", "cat /dev/zero >/tmp/full 2>&1");
    try {
      const live = startDevkit(box, ["exec", "2", "--", "sh", "-c", "echo up; exec sleep 4002"]);
      await once(live.stdout, "data");
      live.kill("SIGTERM");
      const ended = await Promise.race([live.ended, afterMs(20_000, "still running")]);
      expect(ended).toEqual({ code: 143, signal: null });
    } finally {
      await box.devkit("exec", "2", "--", "sh", "-c", "rm -f /tmp/full; pkill -f 'sleep 400[2]'");
    }
  });

  test("at whatever moment a signal comes, devkit ends at once and leaves nothing running", async () => {
    const started = performance.now();
    await box.devkit("exec", "2", "true");
    const whole = performance.now() - started;
    const ends = Array.from({ length: 12 }, async (_, position) => {
      await afterMs(position * whole, "");
      const live = startDevkit(box, ["exec", "2", "--", "sleep", "4003"]);
      await afterMs((whole * (position + 1)) / 10, "");
      live.kill("SIGTERM");
      return Promise.race([live.ended.then(({ code }) => code), afterMs(4000, "still running")]);
    });
    // 143: devkit's own answer or the command's; the signal itself before devkit could catch it.
    for (const end of await Promise.all(ends)) expect([143, null]).toContain(end);
    await box.until(async () => !(await processes()).some((line) => line.includes("4003")));
  });
});

function afterMs<T>(delay: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(resolve, delay, value);
  });
}

describe("input and output", () => {
  test("100 MB of random bytes come back as they are, in bounded memory", async () => {
    const live = startDevkit(box, ["exec", "2", "--", "cat"]);
    const [sent, received] = [createHash("sha256"), createHash("sha256")];
    const source = Readable.from(
      (function* () {
        for (let part = 0; part < 100; part += 1) {
          const bytes = randomBytes(MIB);
          sent.update(bytes);
          yield bytes;
        }
      })(),
    );
    let peak = 0;
    const receive = async () => {
      for await (const chunk of live.stdout) {
        received.update(chunk as Buffer);
        peak = Math.max(peak, await live.peakBytes());
      }
    };
    const complaints = collect(live.stderr);
    await Promise.all([pipeline(source, live.stdin), receive()]);
    expect(await live.ended).toEqual({ code: 0, signal: null });
    expect(received.digest("hex")).toBe(sent.digest("hex"));
    expect(peak).toBeGreaterThan(MIB);
    expect(peak).toBeLessThan(MEMORY_LIMIT);
    expect((await complaints).toString()).toBe("");
  });

  test("a slow reader makes the command wait and devkit's memory does not grow", async () => {
    const size = 300 * MIB;
    const live = startDevkit(box, ["exec", "2", "--", "head", "-c", String(size), "/dev/zero"]);
    await box.until(() => stalls(live));
    expect(await live.peakBytes()).toBeLessThan(MEMORY_LIMIT);
    let bytes = 0;
    for await (const chunk of live.stdout) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(size);
    expect(await live.ended).toEqual({ code: 0, signal: null });
  });

  test("the end of the input reaches the command, and what it says after that comes back", async () => {
    const { stdout, exitCode } = await runBytes(
      box,
      ["exec", "2", "--", "sh", "-c", "cat; echo end"],
      "in\0",
    );
    expect({ stdout: stdout.toString(), exitCode }).toEqual({ stdout: "in\0end\n", exitCode: 0 });
  });

  test("an idle open input does not keep devkit after the command", async () => {
    const live = startDevkit(box, ["exec", "2", "--", "sh", "-c", "exit 5"]);
    expect(await live.ended).toEqual({ code: 5, signal: null });
  });

  test("input that the command does not read does no harm", async () => {
    const { exitCode, stderr } = await runBytes(box, ["exec", "2", "--", "true"], Buffer.alloc(20 * MIB));
    expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  });

  test("output closed early ends the command as a pipe does", async () => {
    const live = startDevkit(box, ["exec", "2", "--", "yes", "closed-early"]);
    const complaints = collect(live.stderr);
    await once(live.stdout, "data");
    live.stdout.destroy();
    expect(await live.ended).toEqual({ code: 141, signal: null });
    expect((await complaints).toString()).toBe("");
    await box.until(async () => !(await processes()).some((line) => line.includes("closed-early")));
  });

  test("stdout and stderr stay apart, whole and in order", async () => {
    const script = "for i in $(seq 20000); do echo out$i; echo err$i >&2; done";
    const { stdout, stderr } = await runBytes(box, ["exec", "2", "--", "bash", "-c", script]);
    const numbered = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word}${String(i + 1)}`);
    expect(lines(stdout.toString())).toEqual(numbered("out"));
    expect(lines(stderr.toString())).toEqual(numbered("err"));
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
    const long = await box.json(
      "exec-cd",
      "2",
      "src",
      "sh",
      "-c",
      "yes | head -c 3000000; echo end; pwd >&2",
    );
    expect(long.data).toMatchObject({ exitCode: 0, truncated: true, stderr: "/workspace/src\n" });
    const { stdout } = long.data as { stdout: string };
    expect([stdout.length, stdout.slice(-6)]).toEqual([MIB, "y\nend\n"]);
  });

  test("a command leaves nothing of devkit's behind in the agent", async () => {
    await box.devkit("exec", "2", "true");
    const { stdout } = await box.devkit(
      "exec",
      "2",
      "--",
      "find",
      "/tmp",
      "-newer",
      "/etc/hostname",
      "-type",
      "f",
    );
    expect(lines(stdout).length).toBeLessThanOrEqual(1);
  });
});

/** It has read something, and nothing more for a while: it waits for its reader. */
async function stalls(live: LiveProcess): Promise<boolean> {
  const before = await live.readBytes();
  await afterMs(300, undefined);
  return before > 4 * MIB && (await live.readBytes()) === before;
}
