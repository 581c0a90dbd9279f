import { access, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { killLeftProcesses, startDevkit } from "../support/live-process.js";
import { createSandbox, operationsOf, type Document, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

beforeEach(async () => {
  box = await createSandbox({ name: "my räpo" });
  await box.setIdentity();
});

afterEach(async () => {
  killLeftProcesses();
  await box.remove();
});

interface Row {
  readonly name: string;
  readonly path: string;
  readonly branch: string | null;
  readonly state: string;
  readonly agent: boolean;
}

const rows = (document: Document): Row[] => (document.data as { worktrees: Row[] }).worktrees;
const devRoot = (index: number) => path.join(box.dir, `agent${String(index)}`, "my räpo");
const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

describe("without an engine", () => {
  beforeEach(() => {
    box.env["DOCKER_HOST"] = "unix:///nowhere";
  });

  test("worktrees are made, worked in, pushed, and pruned once what they hold has landed", async () => {
    await box.git("init", "-q", "--bare", path.join(box.dir, "origin.git"));
    await box.git("remote", "add", "origin", path.join(box.dir, "origin.git"));
    await box.git("push", "-q", "-u", "origin", "main");
    const settings = '[worktrees]\nlayout = "dev-root"\nbranch_prefix = "agent"\n';
    await writeFile(path.join(box.repo, "devkit.toml"), settings);
    expect((await box.devkit("worktrees", "init", "2")).exitCode).toBe(0);
    expect(rows(await box.json("worktrees", "list"))).toMatchObject([
      { name: "agent-1", path: devRoot(1), branch: "agent1/main", state: "ready", agent: false },
      { name: "agent-2", path: devRoot(2), branch: "agent2/main" },
    ]);
    await box.git("-C", devRoot(2), "commit", "-q", "--allow-empty", "-m", "work");
    const pushed = await box.devkit("worktrees", "sync", "--push");
    expect(pushed.stdout).toMatch(/agent-2 +agent2\/main +pushed/);
    expect(await box.git("ls-remote", "origin")).toMatch(/refs\/heads\/agent2\/main\n.*refs\/heads\/main$/);
    const kept = await box.devkit("worktrees", "prune");
    expect(kept.stdout).toMatch(/agent-1 {2}may go: .*\nagent-2 {2}may go: its commits change nothing\n/);
    const removed = await box.devkit("worktrees", "prune", "--apply");
    const restore = /its branch again: (git branch agent2\/main .*)/.exec(removed.stdout)?.[1] ?? "";
    await box.git(...restore.split(" ").slice(1));
    expect(await box.git("log", "-1", "--format=%s", "agent2/main")).toBe("work");
    expect(await isThere(path.dirname(devRoot(2)))).toBe(false);
  });

  test("one place that is taken fails that worktree only, with 6 and a line for each", async () => {
    await mkdir(path.join(box.repo, ".devkit/agents/agent-2"), { recursive: true });
    await writeFile(path.join(box.repo, ".devkit/agents/agent-2/mine"), "x");
    const result = await box.devkit("worktrees", "init", "3");
    expect(result.exitCode).toBe(6);
    expect(result.stderr).toMatch(/agent-1: agent\/agent-1\/idle in /);
    expect(result.stderr).toMatch(/agent-2: .*has files in it/);
    expect(result.stderr).toMatch(/1 of 3 worktrees failed \(agent-2\)/);
    expect((await box.json("worktrees", "sync")).error?.code).toBe("E_USAGE");
  });
});

test("a devkit killed in the middle of it leaves nothing that the next one does not finish", async () => {
  for (let file = 0; file < 1500; file += 1)
    await writeFile(path.join(box.repo, `f${String(file)}`), "x\n".repeat(99));
  await box.git("add", ".");
  await box.git("commit", "-q", "-m", "many");
  const devkit = startDevkit(box, ["worktrees", "init", "4"]);
  await box.until(() => isThere(path.join(box.repo, ".devkit/agents/agent-2/.git")));
  devkit.kill("SIGKILL");
  await devkit.ended;
  expect(await box.json("worktrees", "init", "4")).toMatchObject({ ok: true });
  const status = await box.json("worktrees", "status");
  expect(status.data).toMatchObject({
    worktrees: Array(4).fill({ state: "ready", changed: 0, untracked: 0 }),
  });
});

test("agents live beside the primary: same worktrees, commits come home, devkit refuses inside, layouts mix", async () => {
  await writeFile(path.join(box.repo, "devkit.toml"), '[worktrees]\nlayout = "dev-root"\n');
  await box.devkit("worktrees", "init", "1");
  await box.git("-C", devRoot(1), "commit", "-q", "--allow-empty", "-m", "before the agent");
  const up = await box.json("agent", "up", "2");
  expect(up.exitCode).toBe(0);
  expect(operationsOf(up)).not.toContain("agent-1 worktree.add");
  const seen = await box.devkit(
    "exec",
    "1",
    "--",
    "sh",
    "-c",
    "git log -1 --format=%s; pwd; git status --porcelain",
  );
  expect(seen.stdout).toBe("before the agent\n/workspace");
  await box.devkit("exec", "2", "--", "sh", "-c", "echo x > made && git add made && git commit -qm inside");
  await box.devkit("agent", "sync");
  expect(await box.git("log", "-1", "--format=%s", "agent/agent-2/idle")).toBe("inside");
  expect(await box.git("-C", devRoot(2), "status", "--porcelain")).toBe("");

  const inside = await box.devkitWith({ cwd: path.join(devRoot(2), "src") }, "agent", "list");
  expect(inside.exitCode).toBe(2);
  expect(inside.stderr).toMatch(new RegExp(`worktree of agent-2[^]*hint: .*cd ${box.repo}`));

  // Only the worktree is mounted: nothing of the directory that holds it, nor of its neighbours.
  const outside = await box.devkit("exec", "2", "--", "ls", "-A", box.dir, path.dirname(devRoot(2)));
  expect(outside.stdout).not.toMatch(/agent1|home|devkit\.toml/);

  await writeFile(path.join(box.repo, "devkit.toml"), "");
  const mixed = await box.json("agent", "up", "3");
  expect(operationsOf(mixed).filter((one) => !one.startsWith("agent-3"))).toEqual([]);
  expect(rows(await box.json("worktrees", "list")).map((row) => row.path)).toEqual([
    devRoot(1),
    devRoot(2),
    path.join(box.repo, ".devkit/agents/agent-3"),
  ]);
  const refused = await box.json("worktrees", "sync", "--pull", "2");
  expect(refused).toMatchObject({ exitCode: 5, error: { code: "E_AGENT_WORKTREE" } });
  expect((await box.devkit("worktrees", "prune", "--apply")).stdout).toMatch(
    /agent-2 {2}kept: belongs to an agent/,
  );
});
