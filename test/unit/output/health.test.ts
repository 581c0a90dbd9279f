import { expect, test } from "vitest";
import { DevkitError } from "../../../src/base/errors.js";
import type { Finding } from "../../../src/domain/health/finding.js";
import { findingsText, leftText, repairData, repairText } from "../../../src/output/views/health.js";

const plain = (_: string, text: string) => text;
const well: Finding = {
  ...{ check: "git", verdict: "ok", found: "2.39.5", why: "worktrees need it" },
  ...{ fix: undefined, repair: undefined },
};
const ill: Finding = {
  ...{ check: "tasks", verdict: "warning", found: "TSK-1: nobody has it", why: "it is to be anybody's" },
  ...{ fix: "devkit task release TSK-1", repair: "give TSK-1 back" },
};
const action = { check: "tasks", action: "give TSK-1 back", reasons: ["TSK-1: nobody has it"] };

test("doctor says of what is wrong why it matters and what to type, and of what it can mend how", () => {
  expect(findingsText([well, ill], [], plain).split("\n")).toEqual([
    "✓ git            2.39.5",
    "! tasks          TSK-1: nobody has it",
    "                 why: it is to be anybody's",
    "                 fix: devkit task release TSK-1",
    "",
    "What devkit can mend by itself: devkit doctor --fix",
  ]);
  expect(findingsText([well], [], plain)).toBe("✓ git            2.39.5");
});

test("doctor --fix says first what it has done", () => {
  const text = findingsText([well], [{ ...action, done: true, error: undefined }], plain);
  expect(text.split("\n")).toEqual([
    "done           give TSK-1 back (tasks)",
    "                 because: TSK-1: nobody has it",
    "",
    "✓ git            2.39.5",
  ]);
});

test("repair says what it would do, what it did, and what failed", () => {
  expect(repairText([], false)).toEqual(["Nothing to repair."]);
  expect(repairText([{ ...action, done: false, error: undefined }], false)).toEqual([
    "would          give TSK-1 back (tasks)",
    "                 because: TSK-1: nobody has it",
    "",
    "To do it: devkit repair --apply",
  ]);
  const error = new DevkitError("E_DISK_FULL", "the disk is full", { hint: "df -h" });
  expect(repairText([{ ...action, done: false, error }], true)).toEqual([
    "failed         give TSK-1 back (tasks)",
    "                 because: TSK-1: nobody has it",
    "                 the disk is full",
    "                 hint: df -h",
  ]);
  expect(repairData({ ...action, done: false, error }).error).toEqual({
    ...{ code: "E_DISK_FULL", message: "the disk is full", hint: "df -h" },
  });
  expect(leftText([])).toEqual([]);
  expect(leftText([ill])[2]).toContain("fix: devkit task release TSK-1");
});
