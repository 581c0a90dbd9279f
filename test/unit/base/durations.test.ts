import { expect, it } from "vitest";
import { parseDuration, toDeadline } from "../../../src/base/durations.js";

it.each([
  ["30s", 30_000],
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  [" 10M ", 600_000],
  ["3653d", 3653 * 86_400_000],
])("%j is %d ms", (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

it.each([
  "",
  "10",
  "m",
  "0s",
  "-1m",
  "1.5h",
  "1e3s",
  "10 m",
  "1h30m",
  "10min",
  "3654d",
  "9999999999s",
  "１m",
  "1m\n2m",
])("%j is none", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

it("waits no longer than a timer can", () => {
  expect(toDeadline(30_000)).toBe(30_000);
  expect(toDeadline(30 * 86_400_000)).toBeLessThan(2 ** 31 - 60_000);
});
