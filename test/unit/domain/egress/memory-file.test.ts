import { describe, expect, test } from "vitest";
import {
  formatMemory,
  parseMemory,
  type RememberedPolicy,
} from "../../../../src/domain/egress/memory-file.js";

const MEMORY: RememberedPolicy = {
  entries: [
    {
      pattern: { host: "example.com", wildcard: true },
      origin: { from: "settings", place: "devkit.toml:4" },
    },
    {
      pattern: { host: "npm.example.com", wildcard: false },
      origin: { from: "settings", place: "overlay small", preset: "npm" },
    },
  ],
  private: ["npm.example.com"],
  profiles: new Map([
    ["agent-1", ["hardened", "dns"]],
    ["agent-2", []],
  ]),
};
const EMPTY = { entries: [], private: [], profiles: new Map() };

describe("what is remembered of the settings", () => {
  test("comes back as it was written", () => {
    expect(parseMemory(formatMemory(MEMORY))).toEqual(MEMORY);
    expect(parseMemory(formatMemory(EMPTY))).toEqual(EMPTY);
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    "7",
    '"x"',
    "{}",
    '{"entries":{},"profiles":[]}',
    '{"private":"example.com"}',
    '{"private":{"0":"example.com"}}',
    '{"entries":[null,7,"x",{}]}',
  ])("is nothing when it is %j: nobody is let through by what is not understood", (text) => {
    expect(parseMemory(text)).toEqual(EMPTY);
  });

  test("of a broken entry or profile is the rest", () => {
    const text = JSON.stringify({
      entries: [
        { host: "10.0.0.1", place: "x" },
        { host: "http://example.com" },
        { host: "a.example.com:8443" },
        { host: "github.com", place: 7, preset: "nosuch" },
      ],
      private: ["*.example.com", "10.0.0.1", 7, null, "a b", "mirror.example.com"],
      profiles: { "agent-1": ["hardened", "root"], "agent-2": "open" },
    });
    expect(parseMemory(text)).toEqual({
      entries: [
        { pattern: { host: "github.com", wildcard: false }, origin: { from: "settings", place: "" } },
      ],
      private: ["mirror.example.com"],
      profiles: new Map([
        ["agent-1", ["hardened"]],
        ["agent-2", []],
      ]),
    });
  });
});
