import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentsOf, createSandbox, operationsOf, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  expect((await box.devkit("agent", "up", "3")).exitCode).toBe(0);
});

afterAll(() => box.remove());

const ids = async () => new Map((await box.containers()).map(({ name, id }) => [name, id]));

test("up again changes nothing: an empty plan and the same containers", async () => {
  const before = await ids();
  const again = await box.json("agent", "up", "3");
  expect(operationsOf(again)).toEqual([]);
  expect(await ids()).toEqual(before);
});

test("up 5 adds two, down 2 stops one, up 5 starts just that one", async () => {
  const before = await ids();
  const more = await box.json("agent", "up", "5");
  expect(
    agentsOf(more)
      .filter(({ changed }) => changed)
      .map(({ name }) => name),
  ).toEqual(["agent-4", "agent-5"]);
  const down = await box.json("agent", "down", "2");
  expect(operationsOf(down)).toEqual(["agent-2 git.sync", "agent-2 container.stop"]);
  const states = agentsOf(await box.json("agent", "list")).map(({ state }) => state);
  expect(states).toEqual(["running", "exited", "running", "running", "running"]);
  const again = await box.json("agent", "up", "5");
  expect(operationsOf(again)).toEqual(["agent-2 container.start", "agent-2 network.seal"]);
  for (const [name, id] of before) expect((await ids()).get(name)).toBe(id);
});

test("a dry run names every operation with its cause and does nothing", async () => {
  const before = await ids();
  const plan = await box.devkit("agent", "up", "6", "--dry-run");
  expect(plan.stdout.split("\n")).toContain("agent-6  worktree.add: it has no worktree");
  expect(plan.stdout.split("\n")).toContain("agent-6  container.start: it is new");
  expect(await ids()).toEqual(before);
  expect(await box.git("branch", "--list", "agent/agent-6/*")).toBe("");
});

test("two agents commit at the same time and both arrive", async () => {
  const commit = (agent: number) =>
    box.devkit(
      "exec",
      String(agent),
      "--",
      "sh",
      "-c",
      `for i in 1 2 3 4 5; do echo $i > f$i; git add f$i; git commit -qm "c$i"; done`,
    );
  const done = await Promise.all([commit(1), commit(3)]);
  expect(done.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  await box.devkit("agent", "sync");
  for (const name of ["agent-1", "agent-3"]) {
    expect(await box.git("log", "--format=%s", "main..agent/" + name + "/idle")).toBe("c5\nc4\nc3\nc2\nc1");
  }
});

test("no agent sees another's home or worktree, nor the repository's git dir", async () => {
  await box.devkit("exec", "1", "--", "sh", "-c", "echo secret > ~/mine; echo secret > mine");
  const seen = await box.devkit(
    "exec",
    "3",
    "--",
    "sh",
    "-c",
    `ls -A ~ /workspace; find / -name mine -not -path '/proc/*' 2>/dev/null; ls ${box.repo}/.git`,
  );
  expect(seen.stdout).not.toContain("mine");
  expect(seen.stdout.split("\n").at(-1)).toBe("objects");
});

test("a setting changed in devkit.toml replaces just the containers, with the reason, and keeps work and home", async () => {
  await box.devkit("exec", "2", "--", "sh", "-c", "echo draft > draft.txt; echo note > ~/note");
  await writeFile(path.join(box.repo, "devkit.toml"), '[container]\nmemory = "3g"\n');
  const up = await box.json("agent", "up", "2");
  expect(up.data).toMatchObject({
    operations: [
      {
        kind: "container.remove",
        cause: expect.stringMatching(/^memory changed from 4.0 GiB to 3.0 GiB$/) as string,
      },
      ...Array.from({ length: 7 }, () => ({})),
    ],
  });
  const kept = await box.devkit("exec", "2", "--", "sh", "-c", "cat draft.txt ~/note");
  expect(kept.stdout).toBe("draft\nnote");
});

test("a container in which a command runs is not replaced without --force", async () => {
  const running = box.devkit("exec", "1", "--", "sh", "-c", "touch /tmp/started; exec sleep 300");
  await box.until(
    async () => (await box.devkit("exec", "1", "--", "test", "-e", "/tmp/started")).exitCode === 0,
  );
  await writeFile(path.join(box.repo, "devkit.toml"), "[container]\npids = 300\n");
  const refused = await box.json("agent", "up", "1");
  expect(refused).toMatchObject({ ok: false, exitCode: 5, error: { code: "E_AGENT_BUSY" } });
  expect(refused.error?.hint).toContain("--force");
  const forced = await box.json("agent", "up", "1", "--force");
  expect(forced.exitCode).toBe(0);
  expect((await running).exitCode).toBe(137);
});

test("the identity set later reaches agents that are there already, and their own settings stay", async () => {
  await box.devkit("exec", "3", "--", "git", "config", "--global", "alias.st", "status");
  await box.git("config", "--global", "user.name", "New Name");
  await box.devkit("agent", "up", "3");
  const seen = await box.devkit("exec", "3", "--", "sh", "-c", "git config user.name; git config alias.st");
  expect(seen.stdout).toBe("New Name\nstatus");
});

test("init writes a file of comments only, once, and the primary's git status stays clean", async () => {
  const other = await createSandbox();
  try {
    expect((await other.json("init")).data).toMatchObject({ created: true });
    const text = await readFile(path.join(other.repo, "devkit.toml"), "utf8");
    expect(
      text.split("\n").filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("[")),
    ).toEqual([]);
    expect((await other.json("init")).data).toMatchObject({ created: false });
    expect(await other.git("status", "--porcelain")).toBe("?? devkit.toml");
  } finally {
    await other.remove();
  }
});
