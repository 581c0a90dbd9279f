import { describe, expect, it } from "vitest";
import { configErrorOf, createProject, problemsOf } from "./temp-project.js";

const expected = "expecting string, number, datetime, boolean, inline array or inline table";

describe("a file that is not TOML", () => {
  it.each([
    ["[container]\nmemory = 4g\n", 2, 11, "the value is not valid TOML", 'text needs quotes: memory = "4g"'],
    ["[project]\nbase = HEAD # x\n", 2, 8, "the value is not valid TOML", 'text needs quotes: base = "HEAD"'],
    [
      "[image]\nbase=debian:12\n",
      2,
      6,
      "the value is not valid TOML",
      'text needs quotes: base = "debian:12"',
    ],
    ["[container]\ncpus =\npids = 3", 2, 7, `unexpected character, ${expected}`, undefined],
    ["[container]\ncpus = 1\ncpus = 2\n", 3, 1, "can't redefine existing key", undefined],
    ["[container]\n[image]\n[container]\n", 3, 2, "can't redefine existing key", undefined],
    ["[image]\nbase = 'x\n", 2, 10, "unterminated string", undefined],
    ["[image\nbase = 'x'\n", 1, 7, "unexpected character, expected whitespace, . or ]", undefined],
    ["é😀 = 1", 1, 1, 'unexpected character "é"', undefined],
    [
      "[container]\nenv = { A = '😀' B = 'b' }",
      2,
      17,
      "invalid character, expected whitespace, comma (,) or close bracket (])",
      undefined,
    ],
    ["a = 2020-13-01", 1, 14, "invalid Datetime", undefined],
    ["[project]\r\n# note\r\nbase = \r\n", 3, 8, `unexpected character, ${expected}`, undefined],
    [
      "[project]\nbase = 'a' 'b'",
      2,
      12,
      "unexpected character, expected only whitespace or comments till end of line",
      undefined,
    ],
    [
      "[container]\nenv = { A = 'a', }",
      2,
      18,
      "trailing commas in inline tables are not permitted",
      undefined,
    ],
    ["a = \u001b[31m", 1, 5, `unexpected character, ${expected}`, undefined],
  ])("%j", async (text, line, column, message, hint) => {
    const error = await configErrorOf(text);
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(problemsOf(error)).toEqual([
      {
        file: "devkit.toml",
        line,
        column,
        message,
        sourceLine: text.split(/\r?\n/)[line - 1],
        ...(hint === undefined ? {} : { hint }),
      },
    ]);
    expect(error.hint).toBe(hint ?? "correct devkit.toml, then run: devkit config check");
    expect(error.details["excerpt"]).toMatch(/\^$/);
  });
});

describe("a table opened again after dotted keys, which only one of the parsers takes", () => {
  const text = "container.env.A = 'x'\n[container]\npids = ";

  it("is read, its settings without positions", async () => {
    const project = await createProject();
    await project.write("devkit.toml", `${text}20`);
    const { settings, origins } = await project.load([], { positions: true });
    expect(settings.container).toMatchObject({ pids: 20, env: { A: "x" } });
    expect(origins.get("container.pids")).toEqual({ source: "file", file: "devkit.toml" });
  });

  it("has its problems reported without positions", async () => {
    const error = await configErrorOf(`${text}2`);
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(error.message).toMatch(/^devkit\.toml: container\.pids must be /);
    expect(error.details["excerpt"]).toBeUndefined();
  });
});

describe("names every object inherits", () => {
  it.each([
    ["[hasOwnProperty]\ncall = 1\n", 1, 2, "hasOwnProperty"],
    ["[container.env]\ntoString.x = 1\n", 2, 1, "toString"],
    ["x = { toString.x = 1 }\n", 1, 7, "toString"],
    ['["constr\\u0075ctor"]\nkeys = 1\n', 1, 2, "constructor"],
    ["[[constructor.prototype]]\nx = 1", 1, 3, "constructor"],
    ["[image.__proto__]\nx = 1", 1, 8, "__proto__"],
  ])("do not get through: %j", async (text, line, column, name) => {
    const error = await configErrorOf(text);
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(error.message).toBe(
      `devkit.toml:${String(line)}:${String(column)}: a table cannot be named "${name}"`,
    );
    for (const inherited of Object.getOwnPropertyNames(Object.prototype)) {
      const own = Object.getOwnPropertyDescriptor(Object.prototype, inherited)?.value as unknown;
      if (typeof own === "function") expect(Object.keys(own)).toEqual([]);
    }
  });

  it("may be names of variables and stand in text", async () => {
    const project = await createProject();
    await project.write(
      "devkit.toml",
      `# [toString]\n[container.env]\ntoString = "[constructor]"\nvalueOf = "\\u00e9"\n`,
    );
    const { settings } = await project.load();
    expect(settings.container.env).toEqual({ toString: "[constructor]", valueOf: "é" });
  });

  it("and broken TOML give the place of the break", async () => {
    const error = await configErrorOf("[toString]\nx = \n");
    expect(error.message).toMatch(/^devkit\.toml:[23]:/);
  });
});
