import { describe, expect, test } from "vitest";
import {
  byTaskId,
  isTaskId,
  isTaskPrefix,
  parseTaskId,
  taskNumber,
} from "../../../../src/domain/tasks/task-id.js";

describe("ids", () => {
  test.each(["TSK-1", "tsk-1", "WEB2-999999999999999"])("%s is one", (text) => {
    expect(parseTaskId(text)).toBe(text.toUpperCase());
  });

  test.each([
    ...[
      "",
      "../x",
      "a b",
      "-x",
      "a:b",
      "a.b",
      "TSK",
      "TSK-",
      "TSK-0",
      "TSK-01",
      "TSK-1.5",
      "TSK-1x",
      " TSK-1",
      "TSK-1\n",
    ],
    ...[
      "TSK/-1",
      "TSK-1/..",
      "TSK--1",
      "1-1",
      "ſK-1",
      "ıx-1",
      "日本-1",
      "TSK-١",
      "TSK-1000000000000000",
      "A".repeat(300),
    ],
    ...[`${"A".repeat(11)}-1`, "constructor", "__proto__"],
  ])("%j is none", (text) => {
    expect(parseTaskId(text)).toBeUndefined();
    expect(isTaskId(text)).toBe(false);
  });

  test("names of files are ids only as they are written", () => {
    expect(isTaskId("tsk-1")).toBe(false);
    expect(["TSK", "A1"].map(isTaskPrefix)).toEqual([true, true]);
    expect(["", "tsk", "1A", "A-B", "../A"].map(isTaskPrefix)).toEqual([false, false, false, false, false]);
  });

  test("are in the order of their numbers", () => {
    const ids = ["TSK-10", "TSK-9", "WEB-2", "TSK-2", "TSK-1000"];
    expect(ids.sort(byTaskId)).toEqual(["TSK-2", "WEB-2", "TSK-9", "TSK-10", "TSK-1000"]);
    expect(taskNumber("TSK-12")).toBe(12);
  });
});
