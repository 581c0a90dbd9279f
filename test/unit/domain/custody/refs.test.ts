import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import {
  isSafeRefName,
  parseHead,
  parseLooseRef,
  parsePackedHeads,
} from "../../../../src/domain/custody/refs.js";
import { createRandom } from "../../support/random.js";
import { oid } from "../../support/things.js";

const SHA256 = "ab".repeat(32);

const HOSTILE: [string, string][] = [
  ["no refs/", "heads/x"],
  ["empty", ""],
  ["only refs/", "refs/"],
  ["NUL", "refs/heads/a\0b"],
  ["line feed", "refs/heads/a\nb"],
  ["carriage return", "refs/heads/a\rb"],
  ["escape sequence", "refs/heads/\u001b[31mred"],
  ["DEL", "refs/heads/a\u007f"],
  ["8-bit control sequence introducer", "refs/heads/a\u009b31m"],
  ["space", "refs/heads/a b"],
  ["climbing up", "refs/heads/../../config"],
  ["two dots", "refs/heads/a..b"],
  ["a dot first", "refs/heads/.hidden"],
  ["a dot last", "refs/heads/a."],
  ["a slash last", "refs/heads/a/"],
  ["two slashes", "refs/heads//a"],
  ["a lock", "refs/heads/a.lock"],
  ["a lock as a directory", "refs/heads/a.lock/b"],
  ["a reflog entry", "refs/heads/a@{1}"],
  ["a pattern", "refs/heads/*"],
  ["a question mark", "refs/heads/a?"],
  ["a bracket", "refs/heads/[a]"],
  ["a refspec", "refs/heads/a:refs/heads/main"],
  ["an ancestor", "refs/heads/a~1"],
  ["a parent", "refs/heads/a^"],
  ["a backslash", "refs/heads/a\\b"],
  ["huge", `refs/heads/${"a/".repeat(600)}b`],
  ["a part too long for a file with .lock", `refs/heads/${"a".repeat(251)}`],
  ["bytes that are not UTF-8", "refs/heads/a\ufffd"],
];

describe("ref names", () => {
  test.each(HOSTILE)("refuses %s", (_, ref) => {
    expect(isSafeRefName(ref)).toBe(false);
  });

  test.each([
    "refs/heads/main",
    "refs/heads/agent/agent-1/idle",
    "refs/heads/größe/日本",
    "refs/heads/a-b_c.d@e",
    "refs/heads/feature/-x",
    `refs/heads/${"a/".repeat(250)}b`,
  ])("takes %s", (ref) => {
    expect(isSafeRefName(ref)).toBe(true);
  });

  test("takes nothing that git itself refuses", () => {
    const random = createRandom(7);
    const pieces = [
      "a",
      "b",
      "/",
      ".",
      "..",
      "-",
      "@",
      "{",
      "}",
      ".lock",
      "~",
      "^",
      ":",
      " ",
      "*",
      "\\",
      "é",
    ];
    const names = Array.from({ length: 250 }, () =>
      Array.from({ length: 1 + random.int(6) }, () => random.pick(pieces)).join(""),
    );
    const taken = names.map((name) => `refs/heads/${name}`).filter(isSafeRefName);
    expect(taken.length).toBeGreaterThan(10);
    const refused = taken.filter((ref) => {
      try {
        execFileSync("git", ["check-ref-format", ref], { stdio: "ignore" });
        return false;
      } catch {
        return true;
      }
    });
    expect(refused).toEqual([]);
  });
});

describe("HEAD", () => {
  test("a branch, with and without the line's end", () => {
    const head = { kind: "branch", ref: "refs/heads/agent/agent-1/idle" };
    expect(parseHead("ref: refs/heads/agent/agent-1/idle\n")).toEqual(head);
    expect(parseHead("ref: refs/heads/agent/agent-1/idle")).toEqual(head);
  });

  test.each([oid("a"), SHA256])("detached at %s", (id) => {
    expect(parseHead(`${id}\n`)).toEqual({ kind: "detached", oid: id });
  });

  test.each([
    ["nothing", ""],
    ["a short id", "abc123\n"],
    ["an id in capitals", `${"A".repeat(40)}\n`],
    ["an id of no format", `${"a".repeat(50)}\n`],
    ["two lines", `ref: refs/heads/a\nref: refs/heads/b\n`],
    ["a path", "ref: ../../etc/passwd\n"],
    ["a climb", "ref: refs/heads/../../x\n"],
    ["an option", "ref: --help\n"],
    ["a NUL", "ref: refs/heads/a\0\n"],
    ["an id and more", `${oid("a")} ref\n`],
    ["a ref that refers", "ref: ref: refs/heads/a\n"],
  ])("%s is not a HEAD", (_, text) => {
    expect(parseHead(text)).toBeUndefined();
  });
});

describe("loose refs", () => {
  test("an id, and nothing else", () => {
    expect(parseLooseRef(`${oid("b")}\n`)).toBe(oid("b"));
    expect(parseLooseRef("ref: refs/heads/main\n")).toBeUndefined();
    expect(parseLooseRef(`${oid("b")}\n${oid("c")}\n`)).toBeUndefined();
    expect(parseLooseRef("")).toBeUndefined();
  });
});

describe("packed refs", () => {
  test("keeps the local branches and skips everything else", () => {
    const text = [
      "# pack-refs with: peeled fully-peeled sorted ",
      `${oid("1")} refs/heads/main`,
      `${oid("2")} refs/remotes/origin/main`,
      `${oid("3")} refs/tags/v1`,
      `^${oid("4")}`,
      `${oid("5")} refs/heads/../evil`,
      oid("6"),
      `${oid("7")}  refs/heads/two-spaces`,
      `${"z".repeat(40)} refs/heads/no-id`,
      `${oid("8")} refs/heads/a b`,
      `${SHA256} refs/heads/long`,
      "",
    ].join("\n");
    expect([...parsePackedHeads(text).heads]).toEqual([
      ["refs/heads/main", oid("1")],
      ["refs/heads/long", SHA256],
    ]);
  });

  test("a file of one megabyte without a line's end is nothing", () => {
    expect(parsePackedHeads("a".repeat(1024 * 1024)).heads.size).toBe(0);
  });
});
