import { describe, expect, test } from "vitest";
import {
  isIgnored,
  matchRules,
  mayReadmit,
  parseDockerignore,
  type RuleMatches,
} from "../../../../src/domain/images/dockerignore.js";

/** Whether a .dockerignore leaves a path out, asked from the top down as a walk does. */
function leavesOut(text: string, file: string): boolean {
  const rules = parseDockerignore(text);
  const parts = file.split("/");
  let matches: RuleMatches | undefined;
  for (const depth of parts.keys()) matches = matchRules(rules, parts.slice(0, depth + 1).join("/"), matches);
  return isIgnored(rules, matches ?? []);
}

describe("a .dockerignore leaves out", () => {
  test.each([
    ["node_modules", "node_modules", true],
    ["node_modules", "node_modules/a/b.js", true],
    ["node_modules", "web/node_modules", false],
    ["**/node_modules", "web/node_modules/a", true],
    ["**/node_modules", "node_modules", true],
    ["/dist/", "dist/main.js", true],
    ["./dist", "dist", true],
    ["a/../dist", "dist", true],
    ["*.log", "a.log", true],
    ["*.log", "src/a.log", false],
    ["**/*.log", "src/deep/a.log", true],
    ["src/**", "src/a/b", true],
    ["src/**", "src", false],
    ["src/**/x", "src/x", true],
    ["src/**/x", "src/a/b/x", true],
    ["temp?", "temp1", true],
    ["temp?", "temp/", false],
    ["temp?", "temp12", false],
    ["file.txt", "fileAtxt", false],
    ["[ab]c", "bc", true],
    ["[^ab]c", "bc", false],
    ["[a-c]d", "bd", true],
    ["c++", "c++/main.cc", true],
    ["a(1)|b", "a(1)|b", true],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["\\d", "d", true],
    ["Makefile", "makefile", false],
    ["constructor", "constructor", true],
    ["x", "constructor", false],
    ["# a comment", "# a comment", false],
    ["  spaced  ", "spaced", true],
    ["", "a", false],
    [".", "a", false],
    ["*\n!src", "src/a.js", false],
    ["*\n!src", "README.md", true],
    ["*\n!src\nsrc/*.md", "src/a.md", true],
    ["*\n!src/app", "src/app/a.js", false],
    ["*\n!src/app", "src/b.js", true],
    ["**/*.md\n!**/README.md", "docs/README.md", false],
    ["! src\nsrc", "src", true],
    ["\uFEFFsrc\r\nlib\r\n", "src", true],
    ["\uFEFFsrc\r\nlib\r\n", "lib", true],
  ])("with %j, %s: %s", (text, file, expected) => {
    expect(leavesOut(text, file)).toBe(expected);
  });
});

test("an ignored directory is looked into only where a rule may let something of it in", () => {
  const rules = parseDockerignore("*\n!src/app\n!lib*\n");
  expect(["src", "src/app", "lib", "libs"].map((one) => mayReadmit(rules, one))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["node_modules", "srcs", "src/other"].map((one) => mayReadmit(rules, one))).toEqual([
    false,
    false,
    false,
  ]);
  expect(mayReadmit(parseDockerignore("a\n!**/keep"), "a")).toBe(true);
});

test("a pattern that is none is named", () => {
  expect(() => parseDockerignore("ok\n[z-a]\n")).toThrow(".dockerignore: [z-a] is not a pattern");
});
