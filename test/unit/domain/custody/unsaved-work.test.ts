import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { countStashes, parseInterruptedBranch } from "../../../../src/domain/custody/git-activity.js";
import {
  findingsOf,
  hasLooseFiles,
  NO_WORK,
  savingCommands,
  type UnsavedWork,
} from "../../../../src/domain/custody/unsaved-work.js";

const everything: UnsavedWork = {
  changed: 2,
  untracked: 1,
  modules: ["lib"],
  uncomparedFiles: true,
  branches: [{ branch: "agent/agent-2/idle", commits: 3 }],
  detached: 1,
  moduleCommits: [
    { module: "lib", commits: 2, save: ["git --git-dir=lib branch saved"] },
    { module: "own", commits: undefined, save: [] },
  ],
  stashes: 2,
  operations: ["rebase"],
  commands: 1,
  unsynced: "no engine",
};

describe("unsaved work", () => {
  test("is nothing when there is none", () => {
    expect(findingsOf(NO_WORK)).toEqual([]);
    expect(hasLooseFiles(NO_WORK)).toBe(false);
  });

  test("is all named, each with its number", () => {
    expect(findingsOf(everything).map(({ text }) => text)).toEqual([
      "2 uncommitted changes",
      "1 untracked file",
      "uncommitted changes in the submodule lib",
      "files that git cannot compare with any commit",
      "3 commits of agent/agent-2/idle neither merged nor pushed",
      "1 commit of a detached HEAD on no branch",
      "2 commits in the submodule lib neither merged nor pushed",
      "commits that cannot be counted in the submodule own neither merged nor pushed",
      "2 stashes",
      "a rebase in progress",
      "1 command running",
      "commits that could not come home (no engine)",
    ]);
  });

  test("has commands that save it", () => {
    const commands = savingCommands(agentAt(2), findingsOf(everything), everything);
    expect(commands).toEqual([
      "devkit exec 2 -- git rebase --continue",
      "devkit exec 2 -- sh -c 'git add -A && git commit -m work'",
      "devkit exec 2 -- sh -c 'git -C lib add -A && git -C lib commit -m work'",
      "git --git-dir=lib branch saved",
      "devkit exec 2 -- git stash branch saved-stash",
      "devkit exec 2 -- git switch -c saved-head",
      "devkit agent sync 2",
      "git push origin agent/agent-2/idle",
    ]);
  });

  test.each([{ changed: 1 }, { untracked: 1 }, { uncomparedFiles: true }])(
    "%j means that the files are kept",
    (change) => {
      expect(hasLooseFiles({ ...NO_WORK, ...change })).toBe(true);
    },
  );
});

describe("what an agent's git is in the middle of", () => {
  test.each([
    ["refs/heads/agent/agent-1/idle\n", "refs/heads/agent/agent-1/idle"],
    ["agent/agent-1/idle\n", "refs/heads/agent/agent-1/idle"],
    ["detached HEAD\n", undefined],
    ["refs/tags/v1", undefined],
    ["refs/heads/../../x", undefined],
    ["", undefined],
  ])("%j names the branch %s", (text, branch) => {
    expect(parseInterruptedBranch(text)).toBe(branch);
  });

  test.each([
    [false, "left over\n", 0],
    [true, "", 1],
    [true, "one\ntwo\n", 2],
  ])("a stash ref: %s, its log: %j, are %d stashes", (hasRef, log, count) => {
    expect(countStashes(hasRef, log)).toBe(count);
  });
});
