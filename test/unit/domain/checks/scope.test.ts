import { describe, expect, it } from "vitest";
import { isInScope, isScope } from "../../../../src/domain/checks/scope.js";

describe("isInScope", () => {
  it.each([
    ["*.ts", ["a.ts", "src/a.ts", "x.ts/y"], ["a.tsx", "ts", "a.ts.md"]],
    ["src", ["src", "src/a", "lib/src/b"], ["srcs", "xsrc/a"]],
    ["src/", ["src/a", "src/b/c"], ["src", "lib/src/a"]],
    ["src/*.ts", ["src/a.ts"], ["src/b/a.ts", "a.ts", "lib/src/a.ts"]],
    ["src/**", ["src/a", "src/b/c.ts"], ["src", "lib/src/a", "srcs/a"]],
    ["src/**/*.ts", ["src/a.ts", "src/b/c/d.ts"], ["src/a.js", "a.ts"]],
    ["**/test/**", ["test/a", "a/b/test/c"], ["test", "a/tests/b"]],
    ["**", ["a", "a/b"], []],
    ["a/**/b", ["a/b", "a/x/b", "a/x/y/b", "a/b/c"], ["a/xb", "b"]],
    ["doc?/[a-c]*.md", ["docs/alpha.md", "docx/c.md"], ["docs/d.md", "doc/a.md"]],
    ["[!a]x", ["bx", "d/bx"], ["ax", "x"]],
    ["a[", ["a["], ["a"]],
    ["ü*", ["über.md", "d/ü"], ["uber"]],
    ["a b/*.md", ["a b/c.md"], ["a/c.md"]],
  ])("%s", (scope, inside, outside) => {
    expect(inside.filter((file) => !isInScope(scope, file))).toEqual([]);
    expect(outside.filter((file) => isInScope(scope, file))).toEqual([]);
  });

  it("takes no longer for patterns and names made to take long", () => {
    const start = performance.now();
    isInScope(`${"*a".repeat(149)}b`, "a".repeat(4000));
    isInScope(`${"**/".repeat(99)}b`, "a/".repeat(2000));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

it("isScope takes patterns of the repository only", () => {
  const good = ["a", "src/**", "*.ts", "a b", "docs/", ".github/*"];
  const bad = ["", " ", "/a", "../a", "a/../b", "./a", "a//b", "a\\b", "a\nb", ":(top)a", "x".repeat(301)];
  expect([...good, ...bad].filter(isScope)).toEqual(good);
});
