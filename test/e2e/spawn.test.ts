import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killLeftProcesses, startDevkit } from "../support/live-process.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";
import { createTmuxStand, type TmuxStand } from "../support/tmux-stand.js";

let box: Sandbox;
let stand: TmuxStand;

beforeAll(async () => {
  [box, stand] = [await createSandbox(), await createTmuxStand()];
  await box.setIdentity();
  box.env["TMUX_TMPDIR"] = stand.env["TMUX_TMPDIR"] ?? "";
  // Prints what it is given, and waits.
  const script = 'echo "$DEVKIT_TASK|$1" > seen.log; exec cat';
  const agent = { command: "sh", args: ["-c", script, "sh", "{branch}: {title}"] };
  await writeFile(
    path.join(box.repo, "devkit.toml"),
    `[agent]\ncommand = "${agent.command}"\nargs = ${JSON.stringify(agent.args)}\n`,
  );
  await writeFile(path.join(box.repo, ".gitignore"), "*.log\n");
  await box.git("add", ".");
  await box.git("commit", "-q", "-m", "settings");
});

afterAll(async () => {
  killLeftProcesses();
  await stand.remove();
  await box.remove();
});

const said = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await box.devkit(...args);
  return exitCode === 0 ? stdout : `${String(exitCode)}: ${stderr}`;
};
const worktree = (name: string) => path.join(box.repo, ".devkit/agents", name);
const headOf = (name: string) => readFile(path.join(worktree(name), ".devkit/HEAD"), "utf8");

test("the specification's example, line for line", async () => {
  expect(await said("task", "add", "Implement OAuth login", "-p", "p0")).toBe("Created: TSK-1");
  expect(await said("task", "add", "Fix database connection pooling", "-p", "p1")).toBe("Created: TSK-2");
  expect(await said("task", "add", "Add rate limiting middleware", "-p", "p2")).toBe("Created: TSK-3");
  expect(await said("agent", "spawn", "--count", "3")).toBe(
    `Spawned agent: agent-1
  Path:   .devkit/agents/agent-1
  Branch: agent/agent-1/tsk-1
  Task:   TSK-1 - Implement OAuth login
  Tmux:   devkit-agent-1

Spawned agent: agent-2
  Path:   .devkit/agents/agent-2
  Branch: agent/agent-2/tsk-2
  Task:   TSK-2 - Fix database connection pooling
  Tmux:   devkit-agent-2

Spawned agent: agent-3
  Path:   .devkit/agents/agent-3
  Branch: agent/agent-3/tsk-3
  Task:   TSK-3 - Add rate limiting middleware
  Tmux:   devkit-agent-3

To attach to an agent:
  tmux attach -t devkit-<name>`,
  );
  expect(await said("agent", "list")).toBe(
    `AGENT           TASK            STATUS       BRANCH                         TMUX
-------------------------------------------------------------------------------------
agent-1         TSK-1           in_progress  agent/agent-1/tsk-1            devkit-agent-1
agent-2         TSK-2           in_progress  agent/agent-2/tsk-2            devkit-agent-2
agent-3         TSK-3           in_progress  agent/agent-3/tsk-3            devkit-agent-3`,
  );
  await box.until(() => Promise.resolve(existsSync(path.join(worktree("agent-1"), "seen.log"))));
  expect(await readFile(path.join(worktree("agent-1"), "seen.log"), "utf8")).toBe(
    "TSK-1|agent/agent-1/tsk-1: Implement OAuth login\n",
  );
  expect(await headOf("agent-2")).toBe("TSK-2\n");
  const inside = await box.devkitWith({ cwd: worktree("agent-2") }, "agent", "status");
  expect(inside.stdout).toMatch(
    `Agent: agent-2\n  Path: ${worktree("agent-2")}\n  Task: TSK-2 - Fix database connection pooling\n\nagent-2\n`,
  );
  expect(await said("task", "add", "Write documentation")).toBe("Created: TSK-4");
  expect(await said("agent", "assign", "agent-1", "TSK-4")).toBe(
    "Assigned task TSK-4 to agent agent-1\n  Title: Write documentation",
  );
  expect(await said("agent", "list")).toContain(
    "agent-1         TSK-4           in_progress  agent/agent-1/tsk-4            devkit-agent-1\n",
  );
  expect(await headOf("agent-1")).toBe("TSK-4\n");
  expect(await stand.list("#{window_name}")).toContain("agent-1 · agent/agent-1/tsk-4");
  const [killed, ...more] = (await said("agent", "kill", "agent-1")).split(/\n {2}Kept/);
  expect(killed).toBe(
    "Agent killed: agent-1\n  Released task: TSK-4\n  Removed workspace: .devkit/agents/agent-1",
  );
  expect(more.join()).toContain("devkit agent restore agent-1-");
  expect((await stand.list("#{session_name}")).sort()).toEqual(["devkit-agent-2", "devkit-agent-3"]);
  expect((await box.json("task", "list", "--status", "pending")).data).toMatchObject({
    tasks: [{ id: "TSK-1" }, { id: "TSK-4" }],
  });
});

test("what agents have written keeps them from being killed or given another task", async () => {
  await writeFile(path.join(worktree("agent-2"), "new.txt"), "");
  expect(await said("agent", "assign", "agent-2", "TSK-4")).toMatch(
    /^5: error: agent-2 has 1 untracked file/,
  );
  expect(await said("agent", "kill", "agent-2")).toMatch(/^5: error: agent-2 has 1 untracked file/);
  expect(await stand.list("#{session_name}")).toContain("devkit-agent-2");
  expect(await said("agent", "kill", "nobody")).toMatch(/^4: error: there is no nobody/);
});

/** All that could be left of an agent. */
async function traces(name: string): Promise<string[]> {
  const [refs, list, tasks, containers] = await Promise.all([
    box.git("for-each-ref", "--format=%(refname)", "refs/heads/agent", "refs/devkit"),
    box.git("worktree", "list"),
    box.json("task", "list"),
    box.containers(),
  ]);
  const { tasks: all } = tasks.data as { tasks: { id: string; claimed_by: string | null }[] };
  const state = path.join(box.env["HOME"] ?? "", ".local/state/devkit");
  const directories = readdirSync(state, { recursive: true, encoding: "utf8" });
  return [
    ...`${refs}\n${list}`.split("\n"),
    ...all.map(({ id, claimed_by: holder }) => `${id} of ${holder ?? "nobody"}`),
    ...containers.map((one) => one.name),
    ...directories.filter((one) => path.basename(one).startsWith(name)),
    ...(await stand.list("#{session_name}")),
  ].filter((line) => line.includes(name));
}

test("an agent that cannot be made leaves nothing: no tmux, no engine, no such program, killed on the way", async () => {
  const bin = path.join(box.dir, "bin");
  await mkdir(bin);
  await symlink("/usr/bin/git", path.join(bin, "git"));
  const spawn = ["agent", "spawn", "--name", "docs"];
  const withEnv = async (env: Record<string, string>) =>
    (await box.devkitWith({ env: { ...box.env, ...env } }, ...spawn)).exitCode;
  expect(await withEnv({ PATH: bin })).toBe(3);
  expect(await withEnv({ DOCKER_HOST: "unix:///nowhere" })).toBe(3);
  await writeFile(path.join(box.dir, "other.toml"), '[agent]\ncommand = "no-such-program"\n');
  const other = ["--config", path.join(box.dir, "other.toml"), ...spawn];
  expect(await said(...other)).toMatch(/3: (?:.*\n)*error: docs: docs has no program "no-such-program"/);
  expect(await traces("docs")).toEqual([]);
  const devkit = startDevkit(box, spawn);
  await box.until(() => Promise.resolve(existsSync(worktree("docs"))));
  devkit.kill("SIGKILL");
  await devkit.ended;
  expect(await traces("docs")).not.toEqual([]);
  expect(await said("agent", "list")).not.toContain("docs");
  expect(await traces("docs")).toEqual([]);
  expect(await said(...spawn, "--no-tmux", "--idle")).toBe(
    "Spawned agent: docs\n  Path:   .devkit/agents/docs\n  Branch: agent/docs/idle",
  );
});
