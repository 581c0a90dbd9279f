import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "../../../src/base/error-codes.js";
import { DevkitError, isDevkitError, systemErrorCode, toDevkitError } from "../../../src/base/errors.js";

describe("a DevkitError", () => {
  test("takes its exit code from the table, unless it is given one", () => {
    expect(new DevkitError("E_DIVERGED", "x").exitCode).toBe(5);
    expect(new DevkitError("E_DIVERGED", "x", { exitCode: 6 }).exitCode).toBe(6);
  });

  test("is an Error with its cause", () => {
    const cause = new Error("below");
    const error = new DevkitError("E_GIT", "above", { cause, hint: "type this", details: { a: 1 } });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: "above", cause, hint: "type this", details: { a: 1 } });
    expect(isDevkitError(error)).toBe(true);
    expect(isDevkitError(new Error("x"))).toBe(false);
  });
});

describe("anything thrown", () => {
  test("one of ours stays what it is", () => {
    const error = new DevkitError("E_GIT", "x");
    expect(toDevkitError(error)).toBe(error);
  });

  test.each([
    ["EIO", "E_FILE"],
    ["ENOSPC", "E_DISK_FULL"],
  ])("%s of a call that nobody thought of is the disk's fault, not ours", (code, known) => {
    const thrown = Object.assign(new Error(`${code}: i/o error, link 'a' -> 'b'`), { code });
    expect(toDevkitError(thrown)).toMatchObject({ code: known, exitCode: 1, cause: thrown });
  });

  test.each([new TypeError("x is not a function"), "a string", undefined, null, 7])(
    "%s is a bug of ours",
    (thrown) => {
      const error = toDevkitError(thrown);
      expect(error).toMatchObject({ code: "E_BUG", exitCode: 70 });
      expect(error.cause).toBe(thrown);
      expect(error.hint).toContain("report");
    },
  );
});

test("only a system error has a system error's code", () => {
  expect(systemErrorCode(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ENOENT");
  expect(systemErrorCode(Object.assign(new Error("x"), { code: 7 }))).toBeUndefined();
  expect(systemErrorCode({ code: "ENOENT" })).toBeUndefined();
  expect(systemErrorCode(undefined)).toBeUndefined();
});

describe("the table of codes", () => {
  test.each(Object.entries(ERROR_CODES))(
    "%s has a code of the documented ones and a sentence",
    (code, spec) => {
      expect(code).toMatch(/^E_[A-Z_]+$/);
      expect([1, 2, 3, 4, 5, 6, 70, 125, 130, 143]).toContain(spec.exitCode);
      expect(spec.meaning).toMatch(/^[A-Za-z].*\.$/);
    },
  );

  test.each([
    ["E_USAGE", 2],
    ["E_CONFIG", 2],
    ["E_NOT_A_REPOSITORY", 2],
    ["E_ENGINE_UNAVAILABLE", 3],
    ["E_ENGINE_PERMISSION", 3],
    ["E_AGENT_UNKNOWN", 4],
    ["E_AGENT_BUSY", 5],
    ["E_DIVERGED", 5],
    ["E_SOME_FAILED", 6],
    ["E_BUG", 70],
    ["E_AGENT_NOT_RUNNING", 125],
  ] as const)("%s ends with %d, as DESIGN.md says", (code, exitCode) => {
    expect(ERROR_CODES[code].exitCode).toBe(exitCode);
  });
});
