import { expect, test } from "vitest";
import { parseWorktreeList } from "../../../../src/domain/custody/worktree-list.js";
import { oid } from "../../support/things.js";

const list = (...records: string[][]) => records.map((lines) => `${lines.join("\0")}\0\0`).join("");

test("main, linked, detached, locked with and without a reason", () => {
  const text = list(
    ["worktree /src/demo", `HEAD ${oid("1")}`, "branch refs/heads/main"],
    [
      "worktree /src/demo/.devkit/agents/agent-1",
      `HEAD ${oid("2")}`,
      "branch refs/heads/agent/agent-1/idle",
      "locked devkit agent-1",
    ],
    ["worktree /src/other", `HEAD ${oid("3")}`, "detached", "locked"],
  );
  expect(parseWorktreeList(text)).toEqual([
    { path: "/src/demo", head: oid("1"), branch: "main", locked: false },
    {
      path: "/src/demo/.devkit/agents/agent-1",
      head: oid("2"),
      branch: "agent/agent-1/idle",
      locked: true,
      reason: "devkit agent-1",
    },
    { path: "/src/other", head: oid("3"), branch: undefined, locked: true },
  ]);
});

test("a bare main worktree has no head", () => {
  expect(parseWorktreeList(list(["worktree /src/demo.git", "bare"]))).toEqual([
    { path: "/src/demo.git", head: undefined, branch: undefined, locked: false },
  ]);
});

test("a path keeps its spaces, line breaks and words that look like keys", () => {
  const [record] = parseWorktreeList(list(["worktree /src/a b\nbranch refs/heads/x locked", "detached"]));
  expect(record).toEqual({
    path: "/src/a b\nbranch refs/heads/x locked",
    head: undefined,
    branch: undefined,
    locked: false,
  });
});

test("a reason for the lock that looks like a branch is not one", () => {
  const [record] = parseWorktreeList(list(["worktree /x", "detached", "locked branch refs/heads/main"]));
  expect(record).toMatchObject({ branch: undefined, locked: true });
});

test("nothing is nothing", () => {
  expect(parseWorktreeList("")).toEqual([]);
});
