import { expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import {
  isBranchPrefix,
  isOwnBranch,
  movedBranches,
  worktreeBranch,
} from "../../../../src/domain/worktrees/branch.js";

const two = agentAt(2);

test("a worktree's branch is the agent's own, or with a prefix as people know it", () => {
  expect(worktreeBranch(two, undefined, "main")).toBe("agent/agent-2/idle");
  expect(worktreeBranch(two, "agent", "main")).toBe("agent2/main");
  expect(worktreeBranch(two, "team/bot-", "release/1")).toBe("team/bot-2/release/1");
  expect(worktreeBranch(two, "agent", undefined)).toBe("agent2/work");
});

test.each(["agent", "team/bot-", "größe", "a", "Agent/"])("%s can start a branch's name", (prefix) => {
  expect(isBranchPrefix(prefix)).toBe(true);
});

test.each(["", "agent/", "agent/agent-", "-x", "a b", "a..b", "/a", "a//b", "~", "a\n", "x".repeat(101)])(
  "%j cannot",
  (prefix) => {
    // An empty prefix would make "2/main": whose that is nobody could tell.
    expect(isBranchPrefix(prefix)).toBe(false);
  },
);

test("only devkit's own branches go with a worktree", () => {
  expect(isOwnBranch("agent/agent-2/x", two, undefined)).toBe(true);
  expect(isOwnBranch("agent2/main", two, "agent")).toBe(true);
  expect(isOwnBranch("agent2/main", two, undefined)).toBe(false);
  expect(isOwnBranch("agent/agent-22/x", two, undefined)).toBe(false);
  expect(isOwnBranch("agent22/main", two, "agent")).toBe(false);
  expect(isOwnBranch("feature", two, "agent")).toBe(false);
});

test("what an agent moves in on lies below its own name", () => {
  expect(movedBranches(two, "agent2/main").slice(0, 2)).toEqual([
    "agent/agent-2/main",
    "agent/agent-2/main-2",
  ]);
  expect(movedBranches(two, "feature/x")[0]).toBe("agent/agent-2/feature/x");
  expect(movedBranches(two, undefined)[0]).toBe("agent/agent-2/idle");
});
