import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createAgentState } from "../../../../src/adapters/fs/agent-state.js";
import { createGitHistory } from "../../../../src/adapters/git/history.js";
import { createGitWorktrees } from "../../../../src/adapters/git/worktrees.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths, projectOf, type AgentPaths } from "../../../../src/domain/identity/project.js";
import { createRepo, describeRepo, gitIn, type Repo, type RepoOptions } from "../../support/repo.js";
import { tempDir } from "../../support/temp.js";

const BRANCH = "agent/agent-1/idle";

interface Agent {
  readonly repo: Repo;
  readonly paths: AgentPaths;
  /** git as the agent runs it: on its own git dir, which the host's is not. */
  git(...args: string[]): Promise<string>;
}

/** A worktree and a private git dir as devkit makes them, with the pointer that a container has mounted over `.git`. */
async function createAgent(repo: Repo): Promise<Agent> {
  const stateHome = await tempDir();
  const paths = agentPaths(projectOf({ ...repo, stateHome }), agentAt(1));
  const [history, worktrees] = [createGitHistory(repo), createGitWorktrees(repo)];
  await history.ignoreLocally("/.devkit/");
  const start = await history.requireCommit("HEAD");
  await worktrees.add({ worktree: paths.worktree, branch: BRANCH, start, reason: "devkit agent-1" });
  await worktrees.checkout(paths.worktree);
  const index = await worktrees.findIndex(paths.worktree);
  await mkdir(paths.state, { recursive: true });
  const lent = await history.lent("HEAD");
  await createAgentState().createPrivateGit(paths, { branch: BRANCH, oid: start, lent }, index);
  await writeFile(path.join(paths.worktree, ".git"), `gitdir: ${paths.git}\n`);
  return { repo, paths, git: (...args) => gitIn(paths.worktree, ...args) };
}

/** Gives the worktree back its own `.git` and says what the host sees there. */
async function hostStatus({ repo, paths }: Agent): Promise<string> {
  await rm(path.join(paths.worktree, ".git"));
  await createGitWorktrees(repo).repair(paths.worktree);
  return gitIn(paths.worktree, "status", "--porcelain");
}

const KINDS: [string, RepoOptions][] = [
  ["a plain repository", {}],
  ["SHA-256", { init: ["--object-format=sha256"] }],
  ["a path with spaces and more", { at: "my räpo's $x" }],
  ["an empty commit", { files: { "one.txt": "1" } }],
];

describe.each(KINDS)("the private git dir of %s", (_, options) => {
  let agent: Agent;

  beforeEach(async () => {
    agent = await createAgent(await createRepo(options));
  });

  test("is on the agent's branch, clean, and whole", async () => {
    expect(await agent.git("branch", "--show-current")).toBe(BRANCH);
    expect(await agent.git("status", "--porcelain")).toBe("");
    expect(await agent.git("log", "--format=%s")).toBe("first");
    await agent.git("fsck", "--strict", "--full");
  });

  test("takes commits, branches, tags, stashes and rebases, and the host's repository stays as it is", async () => {
    const before = await describeRepo(agent.repo);
    await writeFile(path.join(agent.paths.worktree, "new.txt"), "new");
    await agent.git("add", ".");
    await agent.git("commit", "-q", "-m", "work");
    await agent.git("checkout", "-q", "-b", "feature/x");
    await agent.git("commit", "-q", "--allow-empty", "-m", "more");
    await agent.git("tag", "v1");
    await writeFile(path.join(agent.paths.worktree, "new.txt"), "stashed");
    await agent.git("stash", "-q");
    await agent.git("rebase", "-q", "--force-rebase", "HEAD~1");
    await agent.git("gc", "-q", "--prune=now");
    await agent.git("repack", "-q", "-a", "-d");
    await agent.git("fsck", "--strict");
    expect(await agent.git("log", "--format=%s")).toBe("more\nwork\nfirst");
    const own = await describeRepo(agent.repo);
    expect(own).toBe(before);
  });

  test("is read back as text, as git has it", async () => {
    await agent.git("commit", "-q", "--allow-empty", "-m", "work");
    await agent.git("checkout", "-q", "-b", "feature/x");
    await agent.git("pack-refs", "--all");
    await agent.git("commit", "-q", "--allow-empty", "-m", "more");
    const refs = await createAgentState().readRefs(agent.paths);
    expect(refs?.head).toEqual({ kind: "branch", ref: "refs/heads/feature/x" });
    expect(Object.fromEntries(refs?.heads ?? [])).toEqual({
      [`refs/heads/${BRANCH}`]: await agent.git("rev-parse", BRANCH),
      "refs/heads/feature/x": await agent.git("rev-parse", "HEAD"),
    });
  });
});

describe("what a private git dir has of the primary's", () => {
  test("remote branches, tags and the remote's URL without its password; no other branch, no hook", async () => {
    const repo = await createRepo();
    const head = await repo.git("rev-parse", "HEAD");
    await repo.git("tag", "v1");
    await repo.git("branch", "secret-plan");
    await repo.git("update-ref", "refs/remotes/origin/main", head);
    await repo.git("config", "remote.origin.url", "https://tess:hunter2@example.com/a.git");
    await writeFile(path.join(repo.commonDir, "hooks/pre-commit"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const agent = await createAgent(repo);
    expect(await agent.git("for-each-ref", "--format=%(refname)")).toBe(
      `refs/heads/${BRANCH}\nrefs/remotes/origin/main\nrefs/tags/v1`,
    );
    expect(await agent.git("remote", "get-url", "origin")).toBe("https://example.com/a.git");
    await agent.git("commit", "-q", "--allow-empty", "-m", "no hook stops this");
    expect(await readFile(path.join(agent.paths.git, "config"), "utf8")).not.toContain("hunter2");
  });

  test("a history that is cut off is cut off there too", async () => {
    const repo = await createRepo();
    await repo.commit("second");
    const dir = path.join(await tempDir(), "shallow");
    await gitIn(path.dirname(dir), "clone", "-q", "--depth", "1", `file://${repo.root}`, dir);
    const shallow = {
      ...repo,
      root: dir,
      commonDir: path.join(dir, ".git"),
      git: (...args: string[]) => gitIn(dir, ...args),
    };
    const agent = await createAgent(shallow);
    expect(await agent.git("log", "--format=%s")).toBe("second");
    await agent.git("fsck", "--full");
  });

  test("line ends as the primary has them: the checkout is clean", async () => {
    const repo = await createRepo({ files: {} });
    await repo.git("config", "core.autocrlf", "true");
    await repo.write("windows.txt", "a\r\nb\r\n");
    await repo.commit("first");
    const agent = await createAgent(repo);
    expect(await readFile(path.join(agent.paths.worktree, "windows.txt"), "utf8")).toBe("a\r\nb\r\n");
    expect(await agent.git("status", "--porcelain")).toBe("");
  });

  test("files it ignores: .devkit, which is the host's", async () => {
    const agent = await createAgent(await createRepo());
    await mkdir(path.join(agent.paths.worktree, ".devkit"));
    await writeFile(path.join(agent.paths.worktree, ".devkit/HEAD"), "x");
    expect(await agent.git("status", "--porcelain")).toBe("");
  });
});

test("the host's garbage collection does not take what the agent borrows, once it holds the base", async () => {
  const agent = await createAgent(await createRepo());
  const history = createGitHistory(agent.repo);
  await history.setRef("refs/devkit/base/agent-1", await agent.git("rev-parse", "HEAD"));
  await agent.repo.git("checkout", "-q", "--orphan", "other");
  await agent.repo.git("commit", "-q", "-m", "another history");
  await agent.repo.git("update-ref", "-d", `refs/heads/${BRANCH}`);
  await agent.repo.git("branch", "-q", "-D", "main");
  await agent.repo.git("reflog", "expire", "--expire=now", "--all");
  await agent.repo.git("gc", "-q", "--prune=now");
  await agent.git("fsck", "--full");
  expect(await agent.git("log", "--format=%s")).toBe("first");
});

test("what the agent changes is seen by the host as changed files, in the host's own index", async () => {
  const agent = await createAgent(await createRepo());
  await writeFile(path.join(agent.paths.worktree, "README.md"), "changed");
  await agent.git("add", ".");
  expect(await hostStatus(agent)).toBe(" M README.md");
});
