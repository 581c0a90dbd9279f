import { expect, test } from "vitest";
import { isOlder } from "../../../../src/domain/health/is-older.js";

test.each([
  ["2.35.9", "2.36", true],
  ["1.9.0", "2.36", true],
  ["2.36.0", "2.36", false],
  ["2.100.1", "2.36", false],
  ["3", "2.36", false],
  ["v18.20.4", "20.19", true],
  ["20.9.0", "20.19", true],
])("%s against %s", (version, oldest, expected) => {
  expect(isOlder(version, oldest)).toBe(expected);
});
