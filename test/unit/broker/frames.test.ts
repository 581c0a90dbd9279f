import { describe, expect, test } from "vitest";
import { formatFrame, formatReply, parseFields, parseRequest } from "../../../src/broker/frames.js";

const body = (...fields: [string, string][]) => formatFrame(fields).subarray(4);

describe("a request", () => {
  test("arrives as it was sent", () => {
    const request = parseRequest(
      body(
        ...([
          ["arg", "task"],
          ["arg", "note"],
          ["arg", "a b\n'ü\0"],
          ["cwd", "/w"],
        ] as [string, string][]),
        ...([
          ["branch", "agent/agent-1/idle"],
          ["head", "TSK-1\n"],
          ["changed", "a\0b c\0"],
        ] as [string, string][]),
      ),
    );
    expect(request).toEqual({
      argv: ["task", "note", "a b\n'ü\0"],
      cwd: "/w",
      branch: "agent/agent-1/idle",
      files: { head: "TSK-1\n", staged: undefined, topic: undefined },
      input: undefined,
      changed: ["a", "b c"],
    });
  });

  test.each([
    ["half a field", Buffer.from("arg 10\nabc")],
    ["no length", Buffer.from("arg\nabc")],
    ["a negative length", Buffer.from("arg -1\n")],
    ["a length with a zero before it", Buffer.from("arg 01\na")],
    ["no line", Buffer.from("arg 1")],
    ["bytes that are no text", Buffer.concat([Buffer.from("arg 2\n"), Buffer.from([0xff, 0xfe])])],
    ["a name of other signs", Buffer.from("ARG 1\na")],
    ["too many fields", body(...Array.from({ length: 1001 }, (): [string, string] => ["arg", ""]))],
    ["JSON", Buffer.from('{"arg":"x"}')],
  ])("of %s is none", (_, bytes) => {
    expect(parseRequest(bytes)).toBeUndefined();
  });

  test("of nothing is a command without words", () => {
    expect(parseRequest(Buffer.alloc(0))?.argv).toEqual([]);
  });
});

test("a reply says what to write, what to remove, and nothing of what stays", () => {
  const frame = formatReply({ exitCode: 5, stdout: "o", stderr: "é", write: { head: "TSK-1", topic: null } });
  expect(frame.readUInt32BE()).toBe(frame.length - 4);
  expect(parseFields(frame.subarray(4))).toEqual([
    ["exit", "5"],
    ["stderr", "é"],
    ["stdout", "o"],
    ["write-head", "TSK-1"],
    ["remove-topic", ""],
  ]);
});
