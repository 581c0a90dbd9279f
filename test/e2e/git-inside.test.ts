import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  // The script adds a submodule, which otherwise has to be one of the user's first.
  await writeFile(path.join(box.repo, "devkit.toml"), '[custody]\ngitlinks = "allow"\n');
  expect(await box.devkit("agent", "up", "1")).toMatchObject({ exitCode: 0 });
});

afterAll(() => box.remove());

const inside = async (script: string, ...args: string[]) => {
  const options = { input: script, stdin: "pipe" } as const;
  return (await box.devkitWith(options, "exec", "1", "--", "bash", "-s", "--", ...args)).stdout;
};

test("git says and does in an agent what it says and does in a plain clone", async () => {
  const script = await readFile(path.join(import.meta.dirname, "git-inside.sh"), "utf8");
  await inside(
    `git init -q -b agent/agent-1/idle /tmp/plain; cd /tmp/plain; git pull -q /workspace agent/agent-1/idle
     echo /.devkit/ >.git/info/exclude`,
  );
  const plain = await inside(script, "/tmp/plain");
  const agent = await inside(script, "/workspace");
  expect(agent.split("\n").filter((line) => line.startsWith("$ ")).length).toBeGreaterThan(140);
  expect(agent).toBe(plain);
});

test("everything it made comes home, and the host sees the worktree as the agent does", async () => {
  const branches = await inside("git for-each-ref --format='%(refname:short) %(objectname)' refs/heads");
  const status = await inside("echo changed >>f; echo new >new; git status --porcelain --branch");
  expect(await box.devkit("agent", "sync", "1")).toMatchObject({ exitCode: 0 });
  const home = await box.git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/agent");
  const wanted = branches.split("\n").map((line) => line.replace(/^(?!agent\/agent-1\/)/, "agent/agent-1/"));
  expect(home.split("\n")).toEqual(wanted.sort());
  const worktree = path.join(box.repo, ".devkit/agents/agent-1");
  const seen = await box.git("-C", worktree, "status", "--porcelain", "--branch");
  expect(seen).toBe(status.replace("## ", "## agent/agent-1/"));
  expect(await box.git("fsck", "--no-dangling")).toBe("");
});
