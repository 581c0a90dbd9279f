import { execa } from "execa";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/table.js";
import { DIVERGED, JSON_PINS, logLine, type Pinned } from "../support/json-pins.js";
import { writePinnedLogins } from "../support/json-pins-logins.js";
import { addOrigin } from "../support/json-pins-push.js";
import { letIn, SSH_SETTINGS } from "../support/json-pins-ssh.js";
import { FAKE_TOOLS } from "../support/json-pins-tools.js";
import { afterMs, collect, killLeftProcesses, startDevkit } from "../support/live-process.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

const SETTINGS = '[container]\nmemory = "2g"\n[ports]\nbase = 23900\npublish = [3000]\n' + SSH_SETTINGS;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  await writeFile(path.join(box.repo, "devkit.toml"), SETTINGS);
  await writeFile(path.join(box.repo, "TODO.md"), "- [ ] write it (p2)\n  - [ ] think\n");
  await writeFile(path.join(box.repo, "broken.toml"), '[container]\nmemry = "2g"\n');
  await writeFile(path.join(box.repo, "no-image.toml"), '[image]\nbase = "localhost:1/nobody/has-this"\n');
  await writeFile(
    path.join(box.repo, "hooks.toml"),
    '[container]\nmemory = "2g"\n[hooks]\nhost = ["true"]\nmaintain = ["true"]\n',
  );
  await writeFile(path.join(box.repo, "layout.yaml"), "windows: [{ index: 1, command: 'true' }]\n");
  await writeFile(path.join(box.repo, "broken.yaml"), "windows: [{ index: 1, comand: x }]\n");
  await writePinnedLogins(box.repo);
  expect(await box.devkit("agent", "up", "3")).toMatchObject({ exitCode: 0 });
  expect(await box.devkit("agent", "down", "3")).toMatchObject({ exitCode: 0 });
});

afterAll(async () => {
  killLeftProcesses();
  await box.remove();
});

const commit = (agent: string, message: string) =>
  box.devkit("exec", agent, "--", "git", "commit", "-q", "--allow-empty", "-m", message);

/** A question to the proxy that it says no to. */
const ASK =
  'exec 3<>/dev/tcp/tinyproxy/8888; printf "CONNECT nowhere.example:443 HTTP/1.1\\r\\n\\r\\n" >&3; head -n 1 <&3';

/** What a command needs right before its successful run. */
const BEFORE: Readonly<Record<string, () => Promise<unknown>>> = {
  "agent list": () => box.devkit("agent", "kill", "4"),
  "agent assign": () => box.devkit("task", "add", "given to an agent"),
  // Those of tasks begin with an empty pool.
  "task add": () => rm(path.join(box.repo, ".devkit/refs"), { recursive: true }),
  "agent sync": () => commit("1", "news"),
  "agent reset": async () => {
    await box.devkit("agent", "up", "2");
    await commit("2", "left behind");
  },
  // One more, for a while: the others are needed as they are.
  "agent kill": async () => {
    await box.devkit("agent", "up", "4");
    await box.devkit("agent", "down", "3");
  },
  exec: () => box.devkit("agent", "kill", "4"),
  "egress log": async () => {
    await box.devkit("exec", "1", "--", "bash", "-c", ASK);
    await box.until(async () => {
      const found = await box.json("egress", "log", "--denied");
      return (found.data as { entries: unknown[] }).entries.length > 0;
    });
  },
  // Shells in agents are in the way of what comes later.
  "layout generate": () => execa("tmux", ["kill-server"], { env: box.env, extendEnv: false }),
  "ssh-test": () => letIn(box),
  "repo-push-ssh": () => addOrigin(box),
  up: () => box.devkit("down"),
  "codex-test": () => box.devkit("exec", "1", "--", "sh", "-c", FAKE_TOOLS),
  restart: () => box.devkit("up"),
  "agent diff": () =>
    box.devkit("exec", "1", "--", "sh", "-c", "echo x >x.txt; git add .; git commit -qm x; echo y >x.txt"),
};

/** Everything on stdout has to be one document on one line. */
async function runJson({ args, env = {} }: Pick<Pinned, "args" | "env">, flagFirst: boolean) {
  const words = flagFirst ? ["--json", ...args] : [...args, "--json"];
  const devkit = startDevkit(box, words, env);
  devkit.stdin.end();
  const [stdout, , { code }] = await Promise.all([
    collect(devkit.stdout),
    collect(devkit.stderr),
    devkit.ended,
  ]);
  const lines = stdout.toString().split("\n");
  expect(lines.slice(1)).toEqual([""]);
  return { document: JSON.parse(lines[0] ?? "") as Record<string, unknown>, code };
}

const envelope = { version: v.literal(1), warnings: v.array(v.string()) };

function expectShape(document: unknown, shape: v.GenericSchema): void {
  const { issues = [] } = v.safeParse(shape, document);
  const said = issues.map((issue) => `${v.getDotPath(issue) ?? "the document"}: ${issue.message}`);
  expect({ said, document }).toEqual({ said: [], document });
}

const success = (command: string, data: v.GenericSchema) =>
  v.strictObject({ ok: v.literal(true), command: v.literal(command), ...envelope, data });
const failure = (command: string, error: v.GenericSchema) =>
  v.strictObject({ ok: v.literal(false), command: v.literal(command), ...envelope, error });

test("every command has its documents pinned here, and no others have", () => {
  expect(Object.keys(JSON_PINS)).toEqual(COMMANDS.map((command) => command.path));
});

describe.each(COMMANDS.map((command) => [command.path, command] as const))(
  "devkit %s --json",
  (name, command) => {
    const pins = JSON_PINS[name] ?? { success: [], failure: [] };
    // After an inner command's first word --json would be its own.
    const canFollow = command.inner !== true;

    test("succeeds with its document", async () => {
      await BEFORE[name]?.();
      if (pins.success.length === 0) expect(command.json).toMatch(/^always a usage error/);
      for (const pin of pins.success) {
        const { document, code } = await runJson(pin, !canFollow);
        expectShape(document, success(name, pin.shape));
        expect(code).toBe(pin.exitCode);
        for (const key of keysOf(document["data"])) expect(documented(command.json)).toContain(key);
      }
    });

    test("fails with its document", async () => {
      for (const pin of pins.failure) {
        const { document, code } = await runJson(pin, true);
        expectShape(document, failure(name, pin.shape));
        expect(code).toBe(pin.exitCode);
      }
    });
  },
);

/** The shape in the command's documentation, with that of the command it may refer to. */
function documented(json: string): string {
  const other = /as in (\w+ \w+)/.exec(json)?.[1];
  return `${json} ${COMMANDS.find((command) => command.path === other)?.json ?? ""}`;
}

/** Names of all keys at any depth. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

test.each([
  ["an unknown command", ["agnt", "up"], ""],
  ["an unknown command of a group", ["agent", "upp"], "agent"],
  ["a group without a command", ["agent"], "agent"],
  ["an unknown option", ["agent", "up", "2", "--forse"], "agent up"],
])("%s is told as a document too", async (_, args, command) => {
  const { document, code } = await runJson({ args }, true);
  expect(document).toMatchObject({ ok: false, command, version: 1, error: { code: "E_USAGE", exitCode: 2 } });
  expect(code).toBe(2);
});

test("a branch that diverged: a warning in agent list, a failure of agent sync", async () => {
  const branch = "agent/agent-1/idle";
  await box.devkit("agent", "sync", "1");
  const oid = await box.git("commit-tree", "-p", branch, "-m", "made on the host", `${branch}^{tree}`);
  await box.git("update-ref", `refs/heads/${branch}`, oid);
  await commit("1", "made inside");
  const list = await box.json("agent", "list");
  expect(list).toMatchObject({
    ok: true,
    exitCode: 0,
    warnings: [expect.stringMatching(/^agent-1: .*differs/)],
  });
  expect(list.data).toMatchObject({
    agents: [{ sync: "diverged" }, { sync: "current" }, { sync: "current" }],
  });
  const one = await runJson({ args: ["agent", "sync", "1"] }, true);
  expectShape(one.document, failure("agent sync", DIVERGED.one));
  const all = await runJson({ args: ["agent", "sync"] }, true);
  expectShape(all.document, failure("agent sync", DIVERGED.some));
  expect([one.code, all.code]).toEqual([5, 6]);
});

test("agent logs --follow --json is one document per line, as they come, until Ctrl-C", async () => {
  await box.devkit("agent", "up", "2");
  const devkit = startDevkit(box, ["agent", "logs", "-f", "1", "2", "--json"]);
  const complaints = collect(devkit.stderr);
  const lines: string[] = [];
  const reader = createInterface({ input: devkit.stdout }).on("line", (line) => lines.push(line));
  const whole = new Promise((resolve) => reader.once("close", resolve));
  const agents = () => new Set(lines.map((line) => (JSON.parse(line) as { agent: string }).agent));
  while (agents().size < 2) await once(reader, "line");
  // What the main process prints later comes without being asked for again.
  await box.devkit("exec", "1", "--", "sh", "-c", "echo later >/proc/1/fd/1");
  await box.until(() => Promise.resolve(lines.some((line) => line.includes('"later"'))));
  devkit.kill("SIGINT");
  const ended = await Promise.race([devkit.ended, afterMs(30_000, "still running")]);
  expect(ended).toEqual({ code: 0, signal: null });
  await whole;
  for (const line of lines) expectShape(JSON.parse(line), logLine);
  expect((await complaints).toString()).toBe("");
});
