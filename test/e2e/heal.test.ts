import { execa } from "execa";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createSandbox, operationsOf, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;
const worktree = () => path.join(box.repo, ".devkit/agents/agent-1");

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
});

beforeEach(async () => {
  expect((await box.devkit("agent", "up", "1")).exitCode).toBe(0);
});

afterAll(() => box.remove());

const heal = async () => {
  const healed = await box.json("agent", "up", "1");
  expect(healed.exitCode).toBe(0);
  expect(operationsOf(await box.json("agent", "up", "1"))).toEqual([]);
  return healed.data.operations as { kind: string; cause: string }[];
};
const inside = async (script: string) => (await box.devkit("exec", "1", "--", "sh", "-c", script)).stdout;
const container = async () => (await box.containers())[0]?.id ?? "";

test("a container removed by hand is made again; files and home are as they were", async () => {
  await inside("echo draft > draft.txt; echo note > ~/note");
  await execa("docker", ["rm", "-f", await container()]);
  expect(await heal()).toMatchObject([
    { kind: "container.create", cause: "it has no container" },
    { kind: "container.start" },
    { kind: "network.seal" },
  ]);
  expect(await inside("cat draft.txt ~/note")).toBe("draft\nnote");
});

test("a container stopped, killed or paused by hand runs again", async () => {
  for (const how of ["stop", "kill", "pause"]) {
    await execa("docker", [how, await container()]);
    const cause = `its container is ${how === "pause" ? "paused" : "exited"}`;
    expect(await heal()).toMatchObject([{ kind: "container.start", cause }, { kind: "network.seal" }]);
  }
});

test("a worktree deleted by hand comes back with every commit, also those the host had not seen", async () => {
  await inside(
    "echo 1 > committed.txt; git add .; git commit -qm kept; echo 2 > staged.txt; git add staged.txt",
  );
  await rm(worktree(), { recursive: true });
  const operations = await heal();
  expect(operations.map(({ kind }) => kind)).toEqual([
    "git.sync",
    "container.stop",
    "worktree.add",
    "worktree.checkout",
    "container.start",
    "network.seal",
  ]);
  expect(operations[2]?.cause).toBe("its directory was deleted");
  expect(await readFile(path.join(worktree(), "committed.txt"), "utf8")).toBe("1\n");
  expect(await inside("git log -1 --format=%s; git show :staged.txt")).toBe("kept\n2");
});

test("the same when the container is gone too", async () => {
  await inside("echo 3 > third.txt; git add third.txt; git commit -qm third");
  await execa("docker", ["rm", "-f", await container()]);
  await rm(worktree(), { recursive: true });
  await heal();
  expect(await box.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("third");
  expect(await inside("git log -1 --format=%s")).toBe("third");
});

test("a registration that git has forgotten is made again around the files, which nothing touches", async () => {
  await inside("echo changed >> README.md; echo mine > untracked.txt");
  await rm(path.join(box.repo, ".git/worktrees"), { recursive: true });
  const operations = await heal();
  expect(operations[2]).toMatchObject({
    kind: "worktree.adopt",
    cause: "its directory is not registered with git",
  });
  expect(await readFile(path.join(worktree(), "untracked.txt"), "utf8")).toBe("mine\n");
  expect(await inside("git status --porcelain README.md untracked.txt")).toBe(
    " M README.md\n?? untracked.txt",
  );
  expect(await box.git("worktree", "list")).toContain("[agent/agent-1/idle] locked");
});

test("a worktree taken away with git comes back on the branch the agent itself is on", async () => {
  await inside("git switch -qc feature/x; echo f > f.txt; git add f.txt; git commit -qm feature");
  await box.git("worktree", "remove", "-f", "-f", ".devkit/agents/agent-1");
  await heal();
  expect(await inside("git branch --show-current; git status --porcelain f.txt; cat f.txt")).toBe(
    "feature/x\nf",
  );
  expect(await box.git("worktree", "list")).toContain("[agent/agent-1/feature/x] locked");
  await inside("git switch -q agent/agent-1/idle");
});

test("a lost index is made again from the branch, and no file is touched", async () => {
  await inside("echo more >> README.md");
  await rm(path.join(box.repo, ".git/worktrees/agent-1/index"));
  expect((await heal()).map(({ kind }) => kind)).toEqual(["worktree.reindex"]);
  expect(await readFile(path.join(worktree(), "README.md"), "utf8")).toContain("more\n");
});

test("a lost .git file is repaired", async () => {
  await rm(path.join(worktree(), ".git"));
  expect(await heal()).toMatchObject([
    { kind: "container.stop", cause: "what it mounts is made anew: its .git file is gone" },
    { kind: "worktree.repair", cause: "its .git file is gone" },
    { kind: "container.start", cause: "it was stopped for that" },
    { kind: "network.seal" },
  ]);
  await writeFile(path.join(worktree(), "again.txt"), "x");
  expect(await inside("git status --porcelain again.txt")).toBe("?? again.txt");
});

test("a home deleted by hand is made again, and the private git dir with all commits the host has", async () => {
  const status = await box.json("agent", "status", "1");
  await box.devkit("agent", "sync");
  await rm(path.dirname(status.data.agents[0].home as string), { recursive: true });
  const kinds = (await heal()).map(({ kind }) => kind);
  expect(kinds).toEqual(["container.stop", "state.create", "git.create", "container.start", "network.seal"]);
  expect(await inside("git log -1 --format=%s; git fsck --no-dangling 2>&1")).toBe("third");
});

test("an image changed by hand is noticed and named", async () => {
  const { id: before } = (await box.json("image", "build")).data as { id: string };
  // By a name of its own: others use the one that devkit gives.
  const own = `devkit-test-heal:${path.basename(box.dir).toLowerCase()}`;
  await execa("docker", ["tag", before, own]);
  await writeFile(path.join(box.repo, "devkit.toml"), `[image]\nuse = "${own}"\n`);
  expect(await heal()).toEqual([]);
  const { stdout: other } = await execa("docker", ["build", "-q", "-"], {
    input: `FROM ${own}\nLABEL changed=yes\n`,
  });
  await execa("docker", ["tag", other.trim(), own]);
  const [first] = await heal();
  expect(first?.cause).toBe(`image changed from ${before.slice(7, 19)} to ${other.trim().slice(7, 19)}`);
  await rm(path.join(box.repo, "devkit.toml"));
  await heal();
  await execa("docker", ["rmi", own]);
});
