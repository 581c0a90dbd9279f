import { describe, expect, it } from "vitest";
import {
  findTaskTrailer,
  missingTrailers,
  parseTaskAction,
  parseVerifyTrailer,
} from "../../../../src/domain/checks/trailers.js";

const SAID = { checkId: "docs", message: "read | them", verifiedBy: "agent-1" };
const VERIFY = "Devkit-Verify: docs | read ¦ them | agent-1";
const task = (isDone: boolean, id = "TSK-1") => ({ id, title: "Fix\nit", isDone });
const partial = "Devkit-Task: TSK-1 | partial | Fix it";
const done = "Devkit-Task: TSK-1 | done | Fix it";
const other = "Devkit-Task: TSK-2 | partial | Else";

describe("trailers of a commit", () => {
  it("are what was verified and what was worked on", () => {
    expect(missingTrailers([], { staged: [SAID, SAID], task: task(false) })).toEqual([
      { line: VERIFY, replaces: false },
      { line: partial, replaces: false },
    ]);
    expect(missingTrailers([], { staged: [], task: undefined })).toEqual([]);
  });

  it("are not there twice when the commit is amended", () => {
    expect(missingTrailers([VERIFY, partial], { staged: [SAID], task: task(false) })).toEqual([]);
    expect(missingTrailers([done], { staged: [], task: task(false) })).toEqual([]);
    expect(missingTrailers([done], { staged: [], task: task(true) })).toEqual([]);
  });

  it("say of an amended commit that it ends its task, and leave another's task alone", () => {
    const wanted = { staged: [], task: task(true) };
    expect(missingTrailers([partial], wanted)).toEqual([{ line: done, replaces: true }]);
    expect(missingTrailers([partial, other], wanted)).toEqual([{ line: done, replaces: false }]);
    expect(missingTrailers([other], wanted)).toEqual([{ line: done, replaces: false }]);
  });
});

it("a verification is read back from its trailer, and nothing else is one", () => {
  expect(parseVerifyTrailer("docs | read ¦ them | agent-1")).toEqual({ ...SAID, message: "read ¦ them" });
  expect(parseVerifyTrailer("docs | a | b | main")).toMatchObject({ message: "a | b", verifiedBy: "main" });
  for (const text of ["", "docs", "docs | main", "../x | a | b", "docs |  | b"])
    expect(parseVerifyTrailer(text)).toBeUndefined();
});

it("the last task of a commit counts", () => {
  expect(findTaskTrailer([other, VERIFY, done])).toEqual({ id: "TSK-1", isDone: true });
  expect(findTaskTrailer([VERIFY, "Devkit-Task: ../x | done | y"])).toBeUndefined();
});

it("DEVKIT_TASK_ACTION is a word or its first letter", () => {
  expect(["done", "d", "c", "skip", "", "x", "do"].map(parseTaskAction)).toEqual([
    ...["done", "done", "continue", "skip"],
    ...[undefined, undefined, undefined],
  ]);
});
