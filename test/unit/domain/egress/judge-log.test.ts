import { expect, test } from "vitest";
import { isOldLog } from "../../../../src/domain/egress/judge-log.js";

test("the log of an egress may go when nobody is to come back to it, after as long as the trash keeps", () => {
  const day = 86_400_000;
  expect(isOldLog({ isNeeded: false, ageMs: 30 * day })).toBe(true);
  expect(isOldLog({ isNeeded: false, ageMs: 30 * day - 1 })).toBe(false);
  expect(isOldLog({ isNeeded: true, ageMs: 300 * day })).toBe(false);
});
