import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { afterMs, killLeftProcesses, startDevkit } from "../support/live-process.js";
import { createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";
import { createTmuxStand, type TmuxStand } from "../support/tmux-stand.js";

/** A machine without an engine. */
let box: Sandbox;
let stand: TmuxStand;

beforeAll(async () => {
  [box, stand] = [await createSandbox(), await createTmuxStand()];
  await box.setIdentity();
  box.env["TMUX_TMPDIR"] = stand.env["TMUX_TMPDIR"] ?? "";
  box.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  const script = 'echo "$DEVKIT_AGENT|$DEVKIT_TASK|$1" > seen.log; exec cat';
  const args = JSON.stringify(["-c", script, "sh", "{branch}: {title}"]);
  await writeFile(path.join(box.repo, "devkit.toml"), `[agent]\ncommand = "sh"\nargs = ${args}\n`);
  await writeFile(path.join(box.repo, ".gitignore"), "*.log\n");
  await box.git("add", ".");
  await box.git("commit", "-q", "-m", "settings");
});

afterAll(async () => {
  killLeftProcesses();
  await stand.remove();
  await box.remove();
});

const worktree = (name: string) => path.join(box.repo, ".devkit/agents", name);
const said = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await box.devkit(...args);
  return exitCode === 0 ? stdout : `${String(exitCode)}: ${stderr}`;
};
/** As in the agent's own terminal. */
const within = async (name: string, ...args: string[]) =>
  (await box.devkitWith({ cwd: worktree(name) }, ...args)).stdout;
const git = (name: string, ...args: string[]) =>
  execa("git", args, { cwd: worktree(name), env: box.env, extendEnv: false });
/** None without a server. */
const sessions = () => stand.list("#{session_name}").catch((): string[] => []);
const traces = async (name: string) => {
  const refs = await box.git("for-each-ref", "--format=%(refname)", "refs/heads/agent", "refs/devkit/base");
  const all = `${refs}\n${await box.git("worktree", "list")}\n${(await sessions()).join("\n")}`;
  return all.split("\n").filter((line) => line.includes(name));
};

const EXPECTED = `AGENT           TASK            STATUS       BRANCH                         TMUX
-------------------------------------------------------------------------------------
agent-1         TSK-1           in_progress  agent/agent-1/tsk-1            devkit-agent-1
agent-2         TSK-2           in_progress  agent/agent-2/tsk-2            devkit-agent-2

Without a container: agent-1, agent-2. They run on this machine and can do there whatever you can (docs/host-runtime.md)`;

test("a program that the repository names runs on this machine only once that is approved", async () => {
  expect(await said("agent", "list")).toMatch(/^No agents/);
  expect(await said("task", "add", "Implement OAuth login", "-p", "p0")).toBe("Created: TSK-1");
  expect(await said("task", "add", "Fix pooling")).toBe("Created: TSK-2");
  expect(await said("agent", "spawn", "--runtime", "host")).toMatch(/^5: error: this repository would run/);
  expect(await said("agent", "spawn", "--runtime", "vm")).toMatch(/^2: error: .*container or host/);
  expect(await said("trust", "--yes")).toMatch(
    /^On this machine, with your rights, in place of a container:\n {2}agent spawn --runtime host: sh -c '/,
  );
  await writeFile(path.join(box.dir, "other.toml"), '[agent]\ncommand = "no-such-program"\n');
  const other = ["--config", path.join(box.dir, "other.toml")];
  await box.devkit(...other, "trust", "--yes");
  expect(await said(...other, "agent", "spawn", "--runtime", "host")).toMatch(
    /^3: error: there is no program "no-such-program" on this machine/,
  );
  expect(await traces("agent-1")).toEqual([]);
});

test("agents of a worktree and a session each, who work as themselves there", async () => {
  const plan = await box.json("agent", "spawn", "--runtime", "host", "--dry-run");
  expect(plan.data).toMatchObject({ operations: [{ kind: "worktree.add" }, { kind: "worktree.checkout" }] });
  expect(await said("agent", "spawn", "--runtime", "host", "--count", "2")).toContain(
    "Spawned agent: agent-2\n  Path:   .devkit/agents/agent-2\n  Branch: agent/agent-2/tsk-2\n  Task:   TSK-2 - Fix pooling\n  Tmux:   devkit-agent-2\n",
  );
  const log = path.join(worktree("agent-1"), "seen.log");
  await box.until(async () => existsSync(log) && (await readFile(log, "utf8")) !== "");
  expect(await readFile(log, "utf8")).toBe("agent-1|TSK-1|agent/agent-1/tsk-1: Implement OAuth login\n");
  expect(await said("agent", "list")).toBe(EXPECTED);
  expect((await box.json("agent", "list")).data).toMatchObject({
    agents: [{ runtime: "host", state: "running", tmux_session: "devkit-agent-1" }, { runtime: "host" }],
  });
  expect(await within("agent-2", "task", "current")).toBe("TSK-2 - Fix pooling");
  expect(await within("agent-2", "agent", "status")).toMatch(/^Agent: agent-2\n/);
  expect(await within("agent-2", "task", "done", "TSK-2")).toBe("Done: TSK-2 - Fix pooling");
  expect((await box.devkitWith({ cwd: worktree("agent-2") }, "task", "done", "TSK-1")).exitCode).toBe(5);
  expect(await said("task", "add", "Write documentation")).toBe("Created: TSK-3");
  expect(await said("agent", "assign", "agent-1", "TSK-3")).toBe(
    "Assigned task TSK-3 to agent agent-1\n  Title: Write documentation",
  );
  expect((await git("agent-1", "branch", "--show-current")).stdout).toBe("agent/agent-1/tsk-3");
  expect(await within("agent-1", "task", "current")).toBe("TSK-3 - Write documentation");
  const windows = await said("tmux-shells", "--no-attach");
  expect(windows).toContain("added agent-1 · agent/agent-1/tsk-3, agent-2 · agent/agent-2/tsk-2");
  await execa("tmux", ["kill-session", "-t", "=devkit-shells"], { env: box.env, extendEnv: false });
});

test("what needs a container says so in one line, and leaves them alone", async () => {
  for (const [words, hint] of [
    ["exec 1 ls", "cd "],
    ["shell 1", "cd "],
    ["agent down 1", "devkit agent kill agent-1"],
    ["agent logs 1", "devkit agent attach agent-1"],
    ["allow github.com --agent 1", "devkit agent status agent-1"],
    ["port list 1", "cd "],
  ] as const) {
    const refused = await said(...words.split(" "));
    expect(refused).toMatch(/^2: error: agent-1 runs on this machine itself.*\nhint: .*$/);
    expect(refused).toContain(hint);
  }
  expect(await said("agent", "reset", "1", "--to", "main")).toMatch(
    /^2: error: agent-1 runs on this machine/,
  );
  const up = await box.devkit("agent", "up", "2");
  expect(up.stderr).toMatch(/left alone, because without a container .*: agent-1, agent-2/);
});

test("work that is nowhere else, and whatever else runs there, keeps one from being killed", async () => {
  await writeFile(path.join(worktree("agent-1"), "new.txt"), "new\n");
  const refused = await said("agent", "kill", "1");
  expect(refused).toMatch(
    /^5: error: agent-1 has 1 untracked file\nhint: save it: env -C .* sh -c 'git add -A/,
  );
  expect(await said("agent", "assign", "1", "TSK-1")).toMatch(/^5: error: agent-1 has 1 untracked file/);
  await git("agent-1", "add", ".");
  await git("agent-1", "commit", "-q", "-m", "new");
  expect(await said("agent", "kill", "1")).toMatch(/^5: .* 1 commit of agent\/agent-1\/tsk-3 neither merged/);
  expect(await said("agent", "merge", "1")).toMatch(/^agent-1 merged into main/);
  const other = execa("sleep", ["300"], { cwd: worktree("agent-1"), reject: false });
  expect(await said("agent", "kill", "1")).toMatch(/^5: error: agent-1 has 1 command running/);
  other.kill();
  await other;
  expect(await stand.list("#{session_name}")).toEqual(["devkit-agent-1", "devkit-agent-2"]);
  expect(await said("agent", "kill", "1")).toMatch(/^Agent killed: agent-1\n {2}Released task: TSK-3\n/);
  expect([await traces("agent-1"), existsSync(worktree("agent-1"))]).toEqual([[], false]);
  expect(await said("agent", "restore", "agent-1")).toBe("agent-1 is back. It is in .devkit/agents/agent-1");
  expect((await git("agent-1", "log", "--format=%s", "-1")).stdout).toBe("new");
  expect(await said("agent", "kill", "1", "--force")).toContain("Agent killed: agent-1");
});

test("one that kills itself from its own session goes with it", async () => {
  const command = `'${process.execPath}' '${PROGRAM}' agent kill 2 --force > '${box.dir}/kill.log' 2>&1`;
  await execa("tmux", ["respawn-pane", "-k", "-t", "=devkit-agent-2:", command], {
    env: box.env,
    extendEnv: false,
  });
  await box.until(async () => (await traces("agent-2")).length === 0);
  expect(await said("agent", "list")).toMatch(/^No agents/);
});

test("one whose making is killed is whole, or taken back by the next look", async () => {
  for (const delay of [60, 140, 220, 300, 380]) {
    const devkit = startDevkit(box, ["agent", "spawn", "--runtime", "host", "--name", "docs"]);
    await afterMs(delay, undefined);
    devkit.kill("SIGKILL");
    await devkit.ended;
    const isWhole = !(await said("agent", "list")).startsWith("No agents");
    const begun = await box.json("task", "list", "--status", "in_progress");
    expect(begun.data).toMatchObject({ tasks: isWhole ? [{ claimed_by: "docs" }] : [] });
    expect(await sessions()).toEqual(isWhole ? ["devkit-docs"] : []);
    if (isWhole) expect(await said("agent", "kill", "docs")).toContain("Released task");
    expect(await traces("docs")).toEqual([]);
  }
});
