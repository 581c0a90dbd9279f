import { beforeEach, describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import type { WorktreeRecord } from "../../../../src/domain/custody/worktree-list.js";
import { agentPaths, projectOf, type Project } from "../../../../src/domain/identity/project.js";
import { layoutPlace } from "../../../../src/domain/worktrees/layout.js";
import { findOwnWorktrees, noteWorktrees } from "../../../../src/domain/worktrees/places.js";
import { oid } from "../../support/things.js";

let project: Project;

beforeEach(() => {
  project = projectOf({ root: "/dev/my repo", commonDir: "/dev/my repo/.git", stateHome: "/state" });
});

const record = (path: string, change: Partial<WorktreeRecord> = {}): WorktreeRecord => ({
  path,
  head: oid("1"),
  branch: undefined,
  locked: false,
  ...change,
});
const locked = (path: string, reason: string) => record(path, { locked: true, reason });
const own = (...records: WorktreeRecord[]) =>
  [...findOwnWorktrees(project, records)].map(([name, { path }]) => [name, path]);

test("new worktrees go into the project, or beside the primary below the directory that holds it", () => {
  expect(layoutPlace(project, "nested", agentAt(12))).toBe("/dev/my repo/.devkit/agents/agent-12");
  expect(layoutPlace(project, "dev-root", agentAt(12))).toBe("/dev/agent12/my repo");
});

describe("a worktree is devkit's", () => {
  test("when it is locked in its name, wherever it is", () => {
    expect(own(locked("/elsewhere/x", "devkit agent-3"))).toEqual([["agent-3", "/elsewhere/x"]]);
  });

  test("when it stands where only devkit puts one, also unlocked or locked by somebody", () => {
    const nested = "/dev/my repo/.devkit/agents/agent-2";
    expect(own(record(nested))).toEqual([["agent-2", nested]]);
    expect(own(locked(nested, "on a stick"))).toEqual([["agent-2", nested]]);
  });

  test("beside the primary only on a branch of that agent", () => {
    const beside = "/dev/agent2/my repo";
    expect(own(record(beside, { branch: "agent/agent-2/idle" }))).toEqual([["agent-2", beside]]);
    expect(own(record(beside, { branch: "agent/agent-3/idle" }))).toEqual([]);
    expect(own(record(beside, { branch: "agent2/main" }))).toEqual([]);
  });

  test.each([
    ["the primary", locked("/dev/my repo", "devkit agent-1")],
    ["another name", locked("/x", "devkit agent-01")],
    ["something for people", locked("/x", "devkit agent-1 is here")],
    ["what is made for a moment", locked("/dev/my repo/.devkit/agents/.adopt-x/agent-1", "devkit agent-1")],
  ])("not when it is %s", (_, one) => {
    expect(own(one)).toEqual([]);
  });

  test("of two with the same name, the one in a usual place, in whatever order git lists them", () => {
    const both = [locked("/copy", "devkit agent-1"), locked("/dev/agent1/my repo", "devkit agent-1")];
    for (const order of [both, [...both].reverse()])
      expect(own(...order)).toEqual([["agent-1", "/dev/agent1/my repo"]]);
  });
});

test("an agent stays where git has it when the layout changes, and new ones follow the layout", () => {
  const before = agentPaths(project, agentAt(1)).worktree;
  noteWorktrees(project, findOwnWorktrees(project, [locked(before, "devkit agent-1")]));
  project.places.layout = "dev-root";
  expect(agentPaths(project, agentAt(1)).worktree).toBe(before);
  expect(agentPaths(project, agentAt(2)).worktree).toBe("/dev/agent2/my repo");
  noteWorktrees(project, findOwnWorktrees(project, []));
  expect(agentPaths(project, agentAt(1)).worktree).toBe("/dev/agent1/my repo");
});
