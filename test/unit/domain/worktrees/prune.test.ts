import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { isSafeRefName } from "../../../../src/domain/custody/refs.js";
import { patchFingerprint } from "../../../../src/domain/worktrees/patch.js";
import { judgeWorktree, trashRef, type PruneFacts } from "../../../../src/domain/worktrees/prune.js";

const landed: PruneFacts = {
  agent: agentAt(2),
  container: undefined,
  hasState: false,
  onHost: false,
  missing: false,
  broken: false,
  foreignLock: undefined,
  unfinished: undefined,
  changed: 0,
  untracked: 0,
  submodules: false,
  processes: [],
  landing: "ancestor",
  ownCommits: 0,
  base: "main",
  branch: "agent/agent-2/idle",
};
const judge = (change: Partial<PruneFacts>) => {
  const { removable, reasons } = judgeWorktree({ ...landed, ...change });
  return [removable, ...reasons.map(({ reason }) => reason)];
};
const text = (change: Partial<PruneFacts>) => judgeWorktree({ ...landed, ...change }).reasons[0]?.text;

describe("a worktree may go", () => {
  test.each(["ancestor", "tree", "patch", "empty"] as const)("when its commits landed: %s", (landing) => {
    expect(judge({ landing, ownCommits: 3 })).toEqual([true, landing]);
  });

  test("when only git's registration is left; commits that did not land stay on their branch", () => {
    expect(judge({ missing: true })).toEqual([true, "missing"]);
    expect(judge({ missing: true, landing: undefined, ownCommits: 2 })).toEqual([true, "missing"]);
    expect(text({ missing: true, landing: undefined })).toContain("agent/agent-2/idle stays");
  });
});

describe("a worktree is kept", () => {
  test.each<[string, Partial<PruneFacts>]>([
    ["changed", { changed: 1 }],
    ["untracked", { untracked: 2 }],
    ["unlanded", { landing: undefined, ownCommits: 1 }],
    ["locked", { foreignLock: "on a stick" }],
    ["locked", { foreignLock: "" }],
    ["unfinished", { unfinished: "rebase" }],
    ["submodules", { submodules: true }],
    ["in-use", { processes: [{ pid: 7, command: "vim" }] }],
    ["broken", { broken: true }],
    ["agent", { container: "running", hasState: true }],
    ["agent", { hasState: true }],
    ["agent", { hasState: true, missing: true }],
    ["locked", { foreignLock: "on a stick", missing: true }],
    ["unlanded", { missing: true, branch: undefined, landing: undefined, ownCommits: 1 }],
  ])("%s %j", (reason, change) => {
    expect(judge(change)).toEqual([false, reason]);
  });

  test("for all its reasons at once", () => {
    expect(judge({ changed: 1, untracked: 1, landing: undefined, foreignLock: "x" })).toEqual([
      false,
      "locked",
      "changed",
      "untracked",
      "unlanded",
    ]);
  });

  test("in words that say what and how many", () => {
    expect(text({ changed: 2 })).toBe("2 changed files");
    expect(text({ landing: undefined, ownCommits: 1 })).toBe("1 commit not in main");
    expect(text({ hasState: true })).toContain("devkit agent kill 2");
    expect(text({ hasState: true, onHost: true })).toContain("an agent without a container: devkit agent");
    expect(text({ processes: [{ pid: 7, command: "vim" }] })).toBe("in use by vim (pid 7)");
  });
});

test("the trash is a ref of its own for each time", () => {
  const ref = trashRef(agentAt(2), "agent/agent-2/idle", new Date("2026-03-04T05:06:07.089Z"));
  expect(ref).toBe("refs/devkit/trash/agent-2/20260304T050607Z/heads/idle");
  expect(trashRef(agentAt(2), "agent2/main", new Date(0))).toMatch(/Z\/branches\/agent2\/main$/);
  expect(isSafeRefName(ref)).toBe(true);
});

describe("a patch is the same", () => {
  const diff = (index: string, at: string, line: string) =>
    `diff --git a/f b/f\nindex ${index} 100644\n--- a/f\n+++ b/f\n@@ ${at} @@ fn\n ctx\n+${line}\n`;
  const same = (a: string, b: string) => patchFingerprint(a) === patchFingerprint(b);

  test("wherever in the file it is", () => {
    expect(same(diff("1..2", "-1,1 +1,2", "x"), diff("3..4", "-9,1 +9,2", "x"))).toBe(true);
  });

  test("not when a blank differs", () => {
    expect(same(diff("1..2", "-1,1 +1,2", "x"), diff("1..2", "-1,1 +1,2", "x "))).toBe(false);
  });

  test("not when binary files differ in content", () => {
    const binary = (index: string) =>
      `diff --git a/b b/b\nindex ${index} 100644\nBinary files a/b and b/b differ\n`;
    expect(same(binary("1..2"), binary("1..2"))).toBe(true);
    expect(same(binary("1..2"), binary("1..3"))).toBe(false);
  });
});
