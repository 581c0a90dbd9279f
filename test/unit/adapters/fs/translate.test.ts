import { describe, expect, test } from "vitest";
import { translateFileError, withFileErrors } from "../../../../src/adapters/fs/translate.js";
import { DevkitError, isDevkitError } from "../../../../src/base/errors.js";
import { thrownBy } from "../../support/temp.js";

const failure = (code: string) => Object.assign(new Error(`${code}: it failed, open '/x'`), { code });

const translated = (code: string) => {
  const error = translateFileError(failure(code), "cannot write /x");
  return isDevkitError(error) ? error : undefined;
};

describe("a file system's error", () => {
  test.each([
    ["ENOSPC", "E_DISK_FULL"],
    ["EDQUOT", "E_DISK_FULL"],
    ["EROFS", "E_READ_ONLY"],
    ["EACCES", "E_READ_ONLY"],
    ["EPERM", "E_READ_ONLY"],
    ["EIO", "E_FILE"],
    ["EMFILE", "E_FILE"],
  ])("%s becomes %s, and says what was being done", (code, expected) => {
    expect(translated(code)).toMatchObject({ code: expected, exitCode: 1, details: { systemCode: code } });
    expect(translated(code)?.message).toMatch(/^cannot write \/x: /);
    expect(translated(code)?.message).not.toContain("\n");
  });

  test("has a hint where there is something to do about it", () => {
    expect(translated("ENOSPC")?.hint).toContain("run the same command again");
    expect(translated("EROFS")?.message).toContain("read-only");
    expect(translated("EACCES")?.hint).toContain("permissions");
  });
});

test("anything else passes unchanged", async () => {
  const ours = new DevkitError("E_DIVERGED", "x");
  const defect = new TypeError("x");
  for (const error of [ours, defect, "text", undefined]) {
    expect(await thrownBy(withFileErrors("cannot write /x", () => Promise.reject(error as Error)))).toBe(
      error,
    );
  }
});

test("what works is answered", async () => {
  expect(await withFileErrors("cannot write /x", () => Promise.resolve(7))).toBe(7);
});
