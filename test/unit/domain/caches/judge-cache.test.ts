import { expect, test } from "vitest";
import { judgeCache } from "../../../../src/domain/caches/judge-cache.js";

const NOW = new Date("2026-01-31T12:00:00Z");
const DAY_MS = 86_400_000;
const used = (days: number, change = {}) => ({
  ...{ lastUsedMs: NOW.getTime() - days * DAY_MS, isComplete: true, isMounted: false },
  ...change,
});
const month = { now: NOW, olderThanMs: 30 * DAY_MS };

test.each([
  [used(31), { removable: true, reason: "last used 31 days ago" }],
  [used(29), { removable: false, reason: "last used 29 days ago" }],
  [used(0), { removable: false, reason: "last used today" }],
  [used(-3), { removable: false, reason: "last used today" }],
  [used(1), { removable: false, reason: "last used 1 day ago" }],
  [used(90, { lastUsedMs: undefined }), { removable: true, reason: "never used" }],
  [
    used(90, { isComplete: false }),
    { removable: false, reason: "too much to look at in time; --all does not look" },
  ],
  [used(90, { isMounted: true }), { removable: false, reason: "its agent runs" }],
])("a cache may go when it was not used for long: %o", (state, judged) => {
  expect(judgeCache(state, month)).toEqual(judged);
});

test("all may go when all are asked for, but what an agent has mounted", () => {
  const all = { now: NOW, olderThanMs: undefined };
  expect(judgeCache(used(0), all).removable).toBe(true);
  expect(judgeCache(used(0, { isComplete: false }), all).removable).toBe(true);
  expect(judgeCache(used(0, { isMounted: true }), all).removable).toBe(false);
});
