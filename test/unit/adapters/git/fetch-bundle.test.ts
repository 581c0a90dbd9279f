import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createGitHistory } from "../../../../src/adapters/git/history.js";
import type { History } from "../../../../src/app/ports.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf, tempDir } from "../../support/temp.js";

const IDLE = "refs/heads/agent/agent-1/idle";
const OTHER = "refs/heads/agent/agent-1/other";

let host: Repo;
let agent: Repo;
let history: History;
let base: string;
let bundle: string;

/** The agent's repository is a clone that went on by itself. */
beforeEach(async () => {
  host = await createRepo();
  base = await host.git("rev-parse", "HEAD");
  await host.git("update-ref", IDLE, base);
  const root = path.join(await tempDir(), "agent");
  await gitIn(path.dirname(root), "clone", "-q", host.root, root);
  agent = { ...host, root, commonDir: path.join(root, ".git"), git: (...args) => gitIn(root, ...args) };
  await agent.git("checkout", "-q", "-b", "agent/agent-1/idle");
  history = createGitHistory(host);
  bundle = path.join(await tempDir(), "bundle");
});

const commit = async (message: string) => {
  await agent.git("commit", "-q", "--allow-empty", "-m", message);
  return agent.git("rev-parse", "HEAD");
};

const update = (from: string, oid: string, to = from, hostOid: string | undefined = base) => ({
  from,
  to,
  oid,
  hostOid,
});

test("commits of a bundle arrive under the refs asked for, and nothing else does", async () => {
  const work = await commit("work");
  await agent.git("tag", "evil");
  await agent.git("branch", "unasked");
  await agent.git("bundle", "create", "-q", bundle, "--all");
  await history.fetchBundle(bundle, [update(IDLE, work)]);
  expect(await host.git("rev-parse", IDLE)).toBe(work);
  expect(await host.git("tag")).toBe("");
  expect(await host.git("for-each-ref", "refs/heads", "--format=%(refname)")).toBe(
    `${IDLE}\nrefs/heads/main`,
  );
});

test("a branch of another name arrives where it is sent; a detached HEAD too", async () => {
  await agent.git("checkout", "-q", "--detach");
  const work = await commit("detached");
  await agent.git("bundle", "create", "-q", bundle, "HEAD", "--not", base);
  await history.fetchBundle(bundle, [update("HEAD", work, "refs/devkit/detached/agent-1", undefined)]);
  expect(await host.git("rev-parse", "refs/devkit/detached/agent-1")).toBe(work);
});

test("only forward: a diverged branch stays, the others arrive, and nothing is thrown", async () => {
  await host.git("checkout", "-q", "agent/agent-1/idle");
  const onHost = await host.commit("on the host");
  await host.git("checkout", "-q", "main");
  const diverged = await commit("in the agent");
  await agent.git("branch", "agent/agent-1/other");
  await agent.git("bundle", "create", "-q", bundle, IDLE, OTHER);
  await history.fetchBundle(bundle, [update(IDLE, diverged), update(OTHER, diverged, OTHER, undefined)]);
  expect(await host.git("rev-parse", IDLE)).toBe(onHost);
  expect(await host.git("rev-parse", OTHER)).toBe(diverged);
});

test("a branch that a worktree has checked out moves all the same", async () => {
  await host.git(
    "worktree",
    "add",
    "-q",
    path.join(host.root, ".devkit/agents/agent-1"),
    "agent/agent-1/idle",
  );
  const work = await commit("work");
  await agent.git("bundle", "create", "-q", bundle, IDLE);
  await history.fetchBundle(bundle, [update(IDLE, work)]);
  expect(await host.git("rev-parse", IDLE)).toBe(work);
});

test("a branch on the host that is in the way of another's directory does not keep the rest home", async () => {
  await host.git("update-ref", "refs/heads/agent/agent-1/feature", base);
  const work = await commit("work");
  await agent.git("branch", "agent/agent-1/feature/part");
  const part = "refs/heads/agent/agent-1/feature/part";
  await agent.git("bundle", "create", "-q", bundle, IDLE, part);
  await history
    .fetchBundle(bundle, [update(part, work, part, undefined), update(IDLE, work)])
    .catch(() => undefined);
  expect(await host.git("rev-parse", IDLE)).toBe(work);
});

describe("what is no good is refused whole", () => {
  test("a bundle that is none", async () => {
    await writeFile(bundle, "not a bundle");
    expect((await errorOf(history.fetchBundle(bundle, [update(IDLE, base)]))).code).toBe("E_GIT");
    expect(await host.git("rev-parse", IDLE)).toBe(base);
  });

  test("a bundle that is cut off", async () => {
    const work = await commit("work");
    await agent.git("bundle", "create", "-q", bundle, IDLE);
    const whole = await readFile(bundle);
    await writeFile(bundle, whole.subarray(0, whole.length - 30));
    expect((await errorOf(history.fetchBundle(bundle, [update(IDLE, work)]))).code).toBe("E_GIT");
    expect(await host.git("rev-parse", IDLE)).toBe(base);
  });

  test("a bundle that builds on what the host has not", async () => {
    const middle = await commit("never sent");
    const work = await commit("work");
    await agent.git("bundle", "create", "-q", bundle, IDLE, "--not", middle);
    expect((await errorOf(history.fetchBundle(bundle, [update(IDLE, work)]))).code).toBe("E_GIT");
  });

  test("a tree with a .git directory in it, which would plant one on the host", async () => {
    await writeFile(path.join(agent.root, "payload"), "[core]\n\tfsmonitor = evil\n");
    const payload = await agent.git("hash-object", "-w", "payload");
    const inner = await makeTree(`100644 config\0`, payload);
    const outer = await makeTree(`40000 .git\0`, inner);
    const evil = await agent.git("commit-tree", outer, "-p", base, "-m", "evil");
    await agent.git("update-ref", IDLE, evil);
    await agent.git("bundle", "create", "-q", bundle, IDLE);
    const error = await errorOf(history.fetchBundle(bundle, [update(IDLE, evil)]));
    expect(error.code).toBe("E_GIT");
    expect(await host.git("rev-parse", IDLE)).toBe(base);
  });
});

/** Writes a tree of one entry as git stores it, past every check of git's own commands. */
async function makeTree(entry: string, oid: string): Promise<string> {
  const file = path.join(await tempDir(), "tree");
  await writeFile(file, Buffer.concat([Buffer.from(entry), Buffer.from(oid, "hex")]));
  return agent.git("hash-object", "-w", "-t", "tree", "--literally", file);
}
