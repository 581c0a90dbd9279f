import { afterAll, beforeAll, expect, test } from "vitest";
import { agentsOf, createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
});

afterAll(() => box.remove());

test("agent up 3 makes three running agents, each on its own branch and worktree", async () => {
  const up = await box.json("agent", "up", "3");
  expect(up).toMatchObject({ ok: true, command: "agent up", exitCode: 0 });

  const list = await box.json("agent", "list");
  expect(agentsOf(list)).toMatchObject([
    { index: 1, name: "agent-1", state: "running", branch: "agent/agent-1/idle", sync: "current" },
    { index: 2, name: "agent-2", state: "running", branch: "agent/agent-2/idle", sync: "current" },
    { index: 3, name: "agent-3", state: "running", branch: "agent/agent-3/idle", sync: "current" },
  ]);
  const worktrees = await box.git("worktree", "list");
  for (const name of ["agent-1", "agent-2", "agent-3"]) expect(worktrees).toContain(`[agent/${name}/idle]`);
  expect(await box.git("status", "--porcelain")).toBe("");
});

test("a commit made inside is on the host's branch after a list, and the host's worktree is clean", async () => {
  const commit = await box.devkit(
    "exec",
    "2",
    "--",
    "sh",
    "-c",
    "echo two > two.txt && git add . && git commit -qm two",
  );
  expect(commit).toMatchObject({ exitCode: 0, stderr: "" });
  const list = await box.json("agent", "list");
  expect(agentsOf(list)[1]).toMatchObject({ sync: "updated" });
  expect(await box.git("log", "-1", "--format=%s %an <%ae>", "agent/agent-2/idle")).toBe(
    "two Tess Ter <tess@example.com>",
  );
  expect(await box.git("-C", ".devkit/agents/agent-2", "status", "--porcelain")).toBe("");
});
