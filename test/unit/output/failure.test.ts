import { describe, expect, test } from "vitest";
import { DevkitError, toDevkitError } from "../../../src/base/errors.js";
import { formatFailure, toErrorDocument } from "../../../src/output/failure.js";
import { createPaint } from "../../../src/output/paint.js";

const plain = createPaint(false);

describe("a failure for people", () => {
  test("is what failed, and what to type next", () => {
    const error = new DevkitError("E_GIT", "git failed", { hint: "try this" });
    expect(formatFailure(error, plain, false)).toBe("error: git failed\nhint: try this\n");
    expect(formatFailure(new DevkitError("E_GIT", "git failed"), plain, false)).toBe("error: git failed\n");
  });

  test("shows the excerpt first, so that the error is what one reads last", () => {
    const error = new DevkitError("E_IMAGE_BUILD", "it failed", { details: { excerpt: "line 1\nline 2" } });
    expect(formatFailure(error, plain, false)).toBe("line 1\nline 2\nerror: it failed\n");
  });

  test("lists the agents that failed when there are several", () => {
    const failed = [
      { agent: "agent-1", code: "E_GIT", message: "one" },
      { agent: "agent-2", code: "E_GIT", message: "two" },
    ];
    const some = new DevkitError("E_SOME_FAILED", "2 of 3 failed", { details: { failed } });
    expect(formatFailure(some, plain, false)).toBe("error: 2 of 3 failed\n  agent-1: one\n  agent-2: two\n");
    const single = new DevkitError("E_GIT", "agent-1: one", { details: { failed: failed.slice(0, 1) } });
    expect(formatFailure(single, plain, false)).toBe("error: agent-1: one\n");
  });

  test("has a trace for a defect always, for anything else when asked", () => {
    const bug = toDevkitError(new TypeError("oops"));
    expect(formatFailure(bug, plain, false)).toMatch(/TypeError: oops\n\s+at /);
    const known = new DevkitError("E_GIT", "x", { cause: new Error("below") });
    expect(formatFailure(known, plain, false)).not.toContain("below");
    expect(formatFailure(known, plain, true)).toMatch(/Error: below\n\s+at /);
  });

  test("does nothing to the terminal, whoever wrote parts of it", () => {
    const evil = "x\u001b]0;title\u0007\u202ey\u009bz";
    const failed = [{ agent: "agent-1", message: evil }, { agent: "agent-2" }];
    const details = { excerpt: `${evil}\r\n\tsecond`, failed };
    const error = new DevkitError("E_MOUNT", evil, { hint: evil, details });
    const shown = formatFailure(error, plain, false);
    expect(shown).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    expect(shown).toContain("\n  second\nerror: x·]0;title··y·z\n");
  });

  test("survives details of another shape", () => {
    for (const failed of [null, "x", 7, [{}, {}]]) {
      const error = new DevkitError("E_SOME_FAILED", "some", { details: { failed, excerpt: 7 } });
      expect(formatFailure(error, plain, false)).toContain("error: some");
    }
  });

  test("is coloured where colours are wanted, with the same words", () => {
    const error = new DevkitError("E_GIT", "git failed", { hint: "try this" });
    const colored = formatFailure(error, createPaint(true), false);
    expect(colored).toContain("\u001b[");
    // eslint-disable-next-line no-control-regex -- what colours are made of
    expect(colored.replaceAll(/\u001b\[\d+m/g, "")).toBe(formatFailure(error, plain, false));
  });
});

describe("a failure for programs", () => {
  test("has every field, also those there is nothing for", () => {
    expect(toErrorDocument(new DevkitError("E_GIT", "git failed"))).toEqual({
      code: "E_GIT",
      message: "git failed",
      hint: null,
      exitCode: 1,
      details: {},
    });
  });
});
