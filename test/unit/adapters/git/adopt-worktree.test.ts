import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { adoptWorktree } from "../../../../src/adapters/git/adopt-worktree.js";
import { createGit, type RunGit } from "../../../../src/adapters/git/run-git.js";
import { createGitWorktrees } from "../../../../src/adapters/git/worktrees.js";
import type { Worktrees } from "../../../../src/app/ports.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { thrownBy } from "../../support/temp.js";

let repo: Repo;
let worktrees: Worktrees;
let worktree: string;
let request: Parameters<Worktrees["adopt"]>[0];

/** An agent's worktree with a commit, a changed and a new file, which git has forgotten. */
beforeEach(async () => {
  repo = await createRepo();
  worktrees = createGitWorktrees(repo);
  worktree = path.join(repo.root, ".devkit/agents/agent-1");
  request = { worktree, branch: "agent/agent-1/idle", start: "HEAD", reason: "devkit agent-1" };
  await worktrees.add(request);
  await worktrees.checkout(worktree);
  await writeFile(path.join(worktree, "work.txt"), "committed");
  await gitIn(worktree, "add", ".");
  await gitIn(worktree, "commit", "-q", "-m", "work");
  await writeFile(path.join(worktree, "README.md"), "changed, not committed");
  await writeFile(path.join(worktree, "new.txt"), "never added");
  await rm(path.join(repo.commonDir, "worktrees"), { recursive: true });
});

async function describeFiles(): Promise<string[]> {
  const names = (await readdir(worktree, { recursive: true })).filter((name) => name !== ".git").sort();
  return Promise.all(
    names.map(async (name) => {
      const info = await stat(path.join(worktree, name));
      const text = info.isFile() ? await readFile(path.join(worktree, name), "utf8") : "";
      return [name, info.ino, info.mtimeMs, text].join("|");
    }),
  );
}

const leftovers = async () => (await readdir(path.dirname(worktree))).filter((name) => name !== "agent-1");

async function expectAdopted(): Promise<void> {
  expect(await worktrees.inspect(worktree)).toEqual({ directory: "files", linked: true, checkedOut: true });
  expect((await worktrees.list()).slice(1)).toMatchObject([
    { path: worktree, branch: "agent/agent-1/idle", locked: true },
  ]);
  expect(await worktrees.status(worktree)).toEqual({ changed: 1, untracked: 1 });
  expect(await leftovers()).toEqual([]);
}

describe("adopting a directory that git has forgotten", () => {
  test("registers it on its branch, and touches not one file", async () => {
    const before = await describeFiles();
    await worktrees.adopt(request);
    expect(await describeFiles()).toEqual(before);
    await expectAdopted();
  });

  test("without its .git file too", async () => {
    await rm(path.join(worktree, ".git"));
    await worktrees.adopt(request);
    await expectAdopted();
  });

  test("without its branch: it starts where new agents start, and the files are all there", async () => {
    await repo.git("branch", "-q", "-D", "agent/agent-1/idle");
    const before = await describeFiles();
    await worktrees.adopt(request);
    expect(await describeFiles()).toEqual(before);
    expect(await worktrees.status(worktree)).toEqual({ changed: 1, untracked: 2 });
  });

  test("whose .git file leads to a git dir of somebody else: that one is not touched", async () => {
    const other = await createRepo({ at: "other" });
    await writeFile(path.join(worktree, ".git"), `gitdir: ${other.commonDir}\n`);
    await worktrees.adopt(request);
    await expectAdopted();
    expect(await other.git("status", "--porcelain")).toBe("");
    expect(await other.git("branch", "--show-current")).toBe("main");
  });

  test("several at once", async () => {
    const places = [2, 3, 4].map((index) => path.join(path.dirname(worktree), `agent-${String(index)}`));
    for (const place of places) {
      await worktrees.add({ ...request, worktree: place, branch: `agent/${path.basename(place)}/idle` });
      await worktrees.checkout(place);
    }
    await rm(path.join(repo.commonDir, "worktrees"), { recursive: true });
    await Promise.all(
      [worktree, ...places].map((place) =>
        worktrees.adopt({ ...request, worktree: place, branch: `agent/${path.basename(place)}/idle` }),
      ),
    );
    expect(await worktrees.list()).toHaveLength(5);
    expect(await Promise.all(places.map((place) => worktrees.inspect(place)))).toEqual(
      places.map(() => ({ directory: "files", linked: true, checkedOut: true })),
    );
  });
});

/** A kill can follow each call of git in it: the list, a try for a new branch, the look for the old one, adding, repairing. */
describe.each([1, 2, 3, 4, 5])("killed after git's step %d and run again", (step) => {
  beforeEach(async () => {
    const git = createGit(repo.root);
    let calls = 0;
    const dying: RunGit = async (...args) => {
      calls += 1;
      const answer = await git(...args);
      if (calls === step) throw new Error("killed");
      return answer;
    };
    await thrownBy(adoptWorktree(dying, repo.commonDir, request)).catch(() => undefined);
  });

  test("no file is touched, and it gets there", async () => {
    const before = await describeFiles();
    const { directory, checkedOut } = await worktrees.inspect(worktree);
    const registered = (await worktrees.list()).some((entry) => entry.path === worktree);
    // What counts as registered without being checked out would be checked out: over the agent's files.
    expect({ directory, overwrites: registered && !checkedOut }).toEqual({
      directory: "files",
      overwrites: false,
    });
    if (!registered) await worktrees.adopt(request);
    expect(await describeFiles()).toEqual(before);
    await expectAdopted();
  });
});

test("a directory of our own that a killed run left aside goes, and its registration", async () => {
  const aside = path.join(path.dirname(worktree), ".adopt-x1", "agent-1");
  await repo.git("worktree", "add", "-q", "--lock", "--no-checkout", aside, "agent/agent-1/idle");
  await worktrees.adopt(request);
  await expectAdopted();
});
