import { describe, expect, test } from "vitest";
import { CACHE_NAMES, SHARED_BY_DEFAULT } from "../../../../src/domain/caches/cache-names.js";
import { CACHE_TABLE } from "../../../../src/domain/caches/cache-table.js";
import {
  formatUses,
  knownHomeEntries,
  parseUses,
  planCaches,
} from "../../../../src/domain/caches/plan-caches.js";

const modesOf = (trust: "shared" | "readonly") =>
  Object.fromEntries(planCaches({ use: CACHE_NAMES, trust }).uses.map(({ tool, mode }) => [tool, mode]));

describe("the caches of an agent", () => {
  test("are shared where the tool is made for several writers, and layered where it is not", () => {
    expect(modesOf("shared")).toEqual({
      ...{ npm: "shared", pnpm: "shared", pip: "shared", uv: "shared", cargo: "shared", go: "shared" },
      ...{ coursier: "shared", ivy: "layered", sbt: "layered", maven: "layered", gradle: "layered" },
    });
  });

  test("are all layered where agents are not trusted: nothing leads to what others write", () => {
    const plan = planCaches({ use: CACHE_NAMES, trust: "readonly" });
    expect(new Set(plan.uses.map(({ mode }) => mode))).toEqual(new Set(["layered"]));
    expect(JSON.stringify(plan)).not.toContain("/devkit/caches/shared");
  });

  test("by default are none that is not safe for several writers", () => {
    for (const tool of SHARED_BY_DEFAULT) expect(CACHE_TABLE[tool].mode).toBe("shared");
  });

  test("lead to downloads only: never to programs, settings or credentials", () => {
    const places = CACHE_NAMES.flatMap((tool) => {
      const { directories = {}, files = {} } = CACHE_TABLE[tool];
      return Object.keys({ ...directories, ...files });
    });
    for (const place of places) {
      expect(place).not.toMatch(
        /(^|\/)(bin|config(\.toml)?|credentials.*|settings\.xml|gradle\.properties|init\.d|_npx|wheels)(\/|$)/,
      );
      expect(place).toMatch(/\/.+/);
    }
  });

  test("share cargo's lock wherever they share what it guards", () => {
    const { home } = planCaches({ use: ["cargo"], trust: "shared" });
    expect(home).toContainEqual({
      path: ".cargo/.package-cache",
      target: "/devkit/caches/shared/cargo/.package-cache",
    });
    expect(home).toContainEqual({
      path: ".cargo/registry/cache",
      target: "/devkit/caches/shared/cargo/registry/cache",
    });
  });

  test("are told by variables where a tool knows one", () => {
    expect(planCaches({ use: ["go", "uv"], trust: "shared" }).env).toEqual({
      GOMODCACHE: "/devkit/caches/shared/go",
      UV_CACHE_DIR: "/devkit/caches/shared/uv",
      UV_LINK_MODE: "copy",
    });
    expect(planCaches({ use: [], trust: "shared" })).toEqual({ uses: [], env: {}, home: [] });
  });
});

test("what could be devkit's in a home covers every plan", () => {
  const known = knownHomeEntries();
  for (const trust of ["shared", "readonly"] as const) {
    for (const entry of planCaches({ use: CACHE_NAMES, trust }).home) {
      expect(known.has(entry.path)).toBe(true);
      if ("text" in entry) expect(known.get(entry.path)).toContain(entry.text);
    }
  }
});

test("uses survive a label; what is none is left out", () => {
  const { uses } = planCaches({ use: CACHE_NAMES, trust: "shared" });
  expect(parseUses(formatUses(uses))).toEqual(uses);
  expect(parseUses("npm=shared nosuch=shared maven=mine =")).toEqual([{ tool: "npm", mode: "shared" }]);
});
