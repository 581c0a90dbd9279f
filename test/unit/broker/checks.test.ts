import { execa } from "execa";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestBroker } from "../support/broker.js";
import { createRepo } from "../support/repo.js";

test("an agent verifies what checks ask for, and has its hooks look at what it commits", async () => {
  const broker = await createTestBroker();
  await broker.addTask("TSK-1");
  const repo = await createRepo();
  const worktree = repo.root;
  const say = (agent: string, args: readonly string[], input?: string) =>
    broker.client(agent, args, { cwd: worktree, ...(input !== undefined && { input }) });
  await say("agent-1", ["task", "start", "TSK-1"]);
  expect(await readFile(path.join(worktree, ".devkit/HEAD"), "utf8")).toBe("TSK-1\n");
  await mkdir(path.join(worktree, "src"), { recursive: true });
  await writeFile(path.join(worktree, "src/a.js"), "1;\n");
  await execa("git", ["add", "src"], { cwd: worktree });
  expect(await say("agent-1", ["check", "run"])).toMatchObject({ exitCode: 1 });
  expect(await say("agent-1", ["hook-pre-commit"], "src/a.js\0")).toMatchObject({ exitCode: 6 });
  // Its settings have none for this one.
  expect(await say("agent-2", ["hook-pre-commit"], "src/a.js\0")).toMatchObject({ exitCode: 0 });
  expect(await say("agent-1", ["verify", "docs", "-m", "they do ü"])).toMatchObject({ exitCode: 0 });
  expect(await say("agent-1", ["check", "run"])).toMatchObject({ exitCode: 0 });
  expect((await say("agent-1", ["hook-commit-msg"], "")).stdout).toBe(
    "addIfDifferent Devkit-Verify: docs | they do ü | agent-1\naddIfDifferent Devkit-Task: TSK-1 | partial | do TSK-1",
  );
  await say("agent-1", ["hook-post-commit"], "Devkit-Verify: docs | they do ü | agent-1\n\0src/a.js\0");
  expect((await readdir(path.join(worktree, ".devkit"))).sort()).toEqual(["HEAD"]);
  expect(await say("agent-1", ["topic", "use", "api"])).toMatchObject({ exitCode: 0 });
  expect((await say("agent-1", ["topic", "current"])).stdout).toContain("api");
  expect(await say("agent-1", ["check", "run", "--ci", "--diff-base", "HEAD"])).toMatchObject({
    exitCode: 2,
  });
  expect(await say("agent-1", ["verify", "docs", "-m", "x", "--agent", "2"])).toMatchObject({
    exitCode: 5,
  });
});

test("a commit has all its names looked at, or none", async () => {
  const broker = await createTestBroker();
  const many = { input: "a/b\0".repeat(200_000) };
  expect((await broker.client("agent-1", ["hook-pre-commit"], many)).stderr).toContain("so many files");
  const input = Buffer.concat([Buffer.from("caf\xe9.txt\0", "latin1"), Buffer.from("src/ü.js\0")]);
  const { stdout } = await broker.client("agent-1", ["hook-pre-commit", "--json"], { input });
  expect(JSON.parse(stdout)).toMatchObject({ data: { checks: [{ files: ["src/ü.js"] }] } });
});
