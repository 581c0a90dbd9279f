import { expect, test } from "vitest";
import {
  formatHookRecord,
  hashCommands,
  parseHookRecord,
  type HookRun,
} from "../../../../src/domain/hooks/hook-record.js";
import { withWarmStatus } from "../../../../src/domain/hooks/warm-status.js";

const run: HookRun = {
  id: "0a1b2c",
  container: "c1",
  start: "s1",
  hash: hashCommands(["true"]),
  began: "2026-01-01T00:00:00.000Z",
  ended: undefined,
  exitCode: undefined,
};

test("a record is read as it was written; one that is damaged tells of no run", () => {
  const record = { on_create: { ...run, ended: "2026-01-01T00:01:00.000Z", exitCode: 3 }, warm: run };
  expect(parseHookRecord(formatHookRecord(record))).toEqual({ ...record });
  for (const text of ["", "{", "null", "[]", '{"on_create":1}', '{"on_create":{"id":"x"}}'])
    expect(parseHookRecord(text)).toEqual({});
});

test("the hash is that of the list, not of its text", () => {
  expect(hashCommands(["a b"])).not.toBe(hashCommands(["a", "b"]));
  expect(hashCommands(["a", "b"])).not.toBe(hashCommands(["b", "a"]));
});

test("what an agent says of its warm hook counts only for this run, and only in its one form", () => {
  const ended = "2026-01-01T00:02:00Z";
  expect(withWarmStatus(run, `0a1b2c 7 ${ended}\n`)).toEqual({ ...run, ended, exitCode: 7 });
  for (const status of [
    undefined,
    "",
    `ffffff 0 ${ended}`,
    "0a1b2c 0",
    `0a1b2c 0 ${ended} x`,
    `0a1b2c -1 ${ended}`,
  ])
    expect(withWarmStatus(run, status)).toEqual(run);
});
