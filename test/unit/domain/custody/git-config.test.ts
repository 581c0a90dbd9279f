import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  formatGitConfig,
  parseGitConfigList,
  type GitConfigEntry,
} from "../../../../src/domain/custody/git-config.js";
import { createRandom } from "../../support/random.js";
import { tempDir } from "../../support/temp.js";

/** Formats, lets git itself read the file, and parses what git says. */
async function throughGit(entries: readonly GitConfigEntry[]): Promise<GitConfigEntry[]> {
  const file = path.join(await tempDir(), "config");
  await writeFile(file, formatGitConfig(entries));
  return parseGitConfigList(
    execFileSync("git", ["config", "--file", file, "--list", "-z"], { encoding: "utf8" }),
  );
}

describe("format, then git, then parse", () => {
  test.each<[string, string, string]>([
    ["a plain value", "user.name", "Tess Ter"],
    ["quotes and backslashes", "user.name", String.raw`"quoted" \n \\ \"`],
    ["comment signs", "user.name", "a # b ; c"],
    ["spaces at both ends", "user.name", "  a  "],
    ["line breaks and tabs", "user.name", "a\nb\tc\n"],
    ["a carriage return", "user.name", "a\rb"],
    ["a carriage return last", "user.name", "a\r"],
    ["an attempt at a section of its own", "user.name", 'x"\n[core]\n\tfsmonitor = "evil'],
    ["unicode", "user.name", "Jürgen 日本 😀"],
    ["nothing", "user.name", ""],
    ["an empty subsection's value", "remote.origin.url", "git@github.com:a/b.git"],
    ["a subsection with dots", "remote.my.fork.url", "x"],
    ["a subsection with quotes and backslashes", String.raw`url.https://a"b\c.insteadof`, "x"],
    ["a subsection with a bracket", "url.a]b.insteadof", "x"],
  ])("%s", async (_, key, value) => {
    expect(await throughGit([{ key, value }])).toEqual([{ key, value }]);
  });

  test("any text survives, in order, repeated keys too", async () => {
    const random = createRandom(3);
    const pieces = [
      '"',
      "\\",
      "\n",
      "\t",
      "\r",
      " ",
      "#",
      ";",
      "=",
      "[",
      "]",
      "a",
      "é",
      "\\n",
      "$(x)",
      "`",
      "\b",
    ];
    const entries = Array.from({ length: 200 }, (): GitConfigEntry => {
      const value = Array.from({ length: random.int(8) }, () => random.pick(pieces)).join("");
      return {
        key: random.pick(["user.name", "core.eol", "remote.origin.fetch", "branch.a.b.remote"]),
        value,
      };
    });
    expect(await throughGit(entries)).toEqual(entries);
  });
});

describe("reading git's list", () => {
  test("a key without a value means true", () => {
    expect(parseGitConfigList("core.bare\0core.filemode\nfalse\0")).toEqual([
      { key: "core.bare", value: "true" },
      { key: "core.filemode", value: "false" },
    ]);
  });

  test("a value keeps its own line breaks", () => {
    expect(parseGitConfigList("alias.x\n!f() {\necho;\n}\0")).toEqual([
      { key: "alias.x", value: "!f() {\necho;\n}" },
    ]);
  });

  test("nothing is nothing", () => {
    expect(parseGitConfigList("")).toEqual([]);
  });
});
