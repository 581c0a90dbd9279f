import { execa } from "execa";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killLeftProcesses, startDevkit } from "../support/live-process.js";
import { createSandbox, operationsOf, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

const write = (hooks: string) => writeFile(path.join(box.repo, "devkit.toml"), `[hooks]\n${hooks}\n`);
const inWorktree = (index: number, file: string) =>
  path.join(box.repo, ".devkit/agents", `agent-${String(index)}`, file);
const linesOf = async (index: number, file: string) =>
  (await readFile(inWorktree(index, file), "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
const up = async (exitCode = 0) => {
  const done = await box.devkit("-v", "agent", "up", "2");
  expect([done.stderr, done.exitCode]).toEqual([done.stderr, exitCode]);
  return done;
};
const planned = async () => operationsOf(await box.json("agent", "up", "2", "--dry-run"));

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
});

afterAll(async () => {
  killLeftProcesses();
  await box.remove();
});

test("hooks run in order when agents come up, each once; one that fails is its agent's alone", async () => {
  await write(
    [
      'on_create = ["pwd >>log; echo $DEVKIT_AGENT >>log", "test $DEVKIT_AGENT_INDEX = 1 || { echo no luck; exit 3; }"]',
      'on_start = ["echo start >>log"]',
      'warm = ["echo filling; echo warm >warmed"]',
      'maintain = ["echo maintained >>log"]',
    ].join("\n"),
  );
  const { stderr } = await up(6);
  expect(stderr).toContain("agent-2: on_create: no luck");
  expect(stderr).toMatch(
    /error: 1 of 2 agents failed \(agent-2\): its on_create hook failed: .* exit code 3: no luck/,
  );
  expect(await linesOf(1, "log")).toEqual(["/workspace", "agent-1", "start"]);
  expect(await linesOf(2, "log")).toEqual(["/workspace", "agent-2"]);
  expect(await planned()).toEqual(["agent-2 hook.create", "agent-2 hook.warm", "agent-2 hook.start"]);
  await write(
    'on_create = ["echo again >>log"]\non_start = ["echo start >>log"]\nmaintain = ["echo maintained >>log"]',
  );
  await up();
  expect(await linesOf(2, "log")).toEqual(["/workspace", "agent-2", "again", "start"]);
  expect(await planned()).toEqual([]);
  expect(await box.devkit("hook", "run", "maintain", "2")).toMatchObject({ exitCode: 0 });
  expect((await linesOf(2, "log")).at(-1)).toBe("maintained");
  await box.until(async () => (await linesOf(1, "warmed")).length === 1);
});

test("a start runs on_start again, a new container on_create too", async () => {
  const [first] = await box.containers();
  await execa("docker", ["restart", "-t", "1", first?.id ?? ""]);
  const one = first?.name.endsWith("agent-1") === true ? 1 : 2;
  expect(await planned()).toEqual([`agent-${String(one)} network.seal`, `agent-${String(one)} hook.start`]);
  await execa("docker", ["rm", "-f", first?.id ?? ""]);
  const before = (await linesOf(one, "log")).length;
  await up();
  expect((await linesOf(one, "log")).slice(before)).toEqual(["again", "start"]);
});

test("a devkit that is killed in the middle of a hook: the next one ends what it left and runs it again", async () => {
  await write('on_create = ["echo begun >>killed; test -e go || sleep 300; echo ended >>killed"]');
  const devkit = startDevkit(box, ["agent", "up", "2"]);
  await box.until(
    async () => (await linesOf(1, "killed")).length + (await linesOf(2, "killed")).length === 2,
  );
  devkit.kill("SIGKILL");
  await devkit.ended;
  expect(await planned()).toEqual(["agent-1 hook.create", "agent-2 hook.create"]);
  for (const index of [1, 2]) await writeFile(inWorktree(index, "go"), "");
  await up();
  expect(await linesOf(1, "killed")).toEqual(["begun", "begun", "ended"]);
  expect(
    (await box.devkit("exec", "1", "--", "sh", "-c", "grep -lsz '^300$' /proc/[0-9]*/cmdline | wc -l"))
      .stdout,
  ).toBe("0");
  expect(await planned()).toEqual([]);
});

test("Ctrl-C ends a hook and what it started", async () => {
  await write('maintain = ["echo begun >>long; sleep 300"]');
  const devkit = startDevkit(box, ["hook", "run", "maintain", "1"]);
  await box.until(async () => (await linesOf(1, "long")).length === 1);
  devkit.kill("SIGINT");
  expect(await devkit.ended).toMatchObject({ code: 130 });
  await box.until(
    async () =>
      (await box.devkit("exec", "1", "--", "sh", "-c", "grep -lsz '^300$' /proc/[0-9]*/cmdline | wc -l"))
        .stdout === "0",
  );
});

test("host hooks run only as they were approved", async () => {
  await write('host = ["pwd >>host.log"]');
  const home = path.join(box.dir, "home");
  const refused = await box.json("agent", "up", "3");
  expect([refused.exitCode, refused.error?.code]).toEqual([5, "E_UNTRUSTED"]);
  expect(await box.containers()).toHaveLength(2);
  const shown = await box.devkit("trust");
  expect([shown.exitCode, shown.stderr]).toEqual([
    5,
    expect.stringContaining("pwd >>host.log\n      from devkit.toml:2:9"),
  ]);
  expect(await box.devkit("trust", "--yes")).toMatchObject({ exitCode: 0 });
  const [file = ""] = (await execa("find", [home, "-name", "trust.json", "-perm", "600"])).stdout.split("\n");
  expect(await readFile(file, "utf8")).toContain("pwd >>host.log");
  expect(await box.devkit("agent", "up", "3")).toMatchObject({ exitCode: 0 });
  expect(await readFile(path.join(box.repo, "host.log"), "utf8")).toBe(`${box.repo}\n`);
  await write('host = ["pwd >>host.log; true"]');
  expect((await box.json("agent", "up", "3")).error?.code).toBe("E_UNTRUSTED");
});
