import { describe, expect, test } from "vitest";
import { count, defineCommand, flag, type OptionSpecs } from "../../../src/cli/command.js";

const define = (options: OptionSpecs) =>
  defineCommand({
    path: "try",
    summary: "Try",
    arguments: [],
    options,
    examples: [],
    json: "{}",
    run: () => Promise.resolve({ data: {}, human: () => "" }),
  });

describe("an option's key", () => {
  test("is its long name in camel case", () => {
    expect(() =>
      define({
        dryRun: flag("-n, --dry-run", ""),
        quiet: flag("--quiet", ""),
        tail: count("--tail <n>", "", 0),
      }),
    ).not.toThrow();
    expect(() => define({ color: flag("--no-color", "") })).not.toThrow();
  });

  test.each([
    ["dry", "--dry-run"],
    ["dryrun", "--dry-run"],
    ["noColor", "--no-color"],
    ["q", "-q"],
  ])("%s is not that of %s", (key, flags) => {
    expect(() => define({ [key]: flag(flags, "") })).toThrow(/must be named/);
  });
});

describe("a count", () => {
  const parse = (raw: string, min: number) => count("--tail <n>", "", min).parse?.(raw);

  test("is a whole number of at least so much", () => {
    expect(parse("0", 0)).toBe(0);
    expect(parse("20", 1)).toBe(20);
  });

  test.each(["-1", "2.5", "x", "", "1e3", " 1", "0x10"])("is not %j", (raw) => {
    expect(() => parse(raw, 0)).toThrow(/whole number/);
  });

  test("is not less than the least", () => {
    expect(() => parse("0", 1)).toThrow("at least 1");
  });
});
