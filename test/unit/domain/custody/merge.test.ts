import { expect, test } from "vitest";
import { parseMergeJournal } from "../../../../src/domain/custody/merge.js";

const JOURNAL = { agent: "agent-1", ref: "refs/heads/main", worktree: "/w", from: "1", to: "2" };

test("a journal is read as it was written", () => {
  expect(parseMergeJournal(JSON.stringify(JOURNAL))).toEqual(JOURNAL);
});

test.each([
  "",
  "{",
  "null",
  "[]",
  JSON.stringify({ ...JOURNAL, to: undefined }),
  JSON.stringify({ ...JOURNAL, ref: 1 }),
])("%s is none", (text) => {
  expect(parseMergeJournal(text)).toBeUndefined();
});
