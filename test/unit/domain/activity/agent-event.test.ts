import { describe, expect, test } from "vitest";
import {
  agentEvent,
  formatAgentEvent,
  parseAgentEvent,
} from "../../../../src/domain/activity/agent-event.js";

const NOW = new Date("2026-01-02T03:04:05.678Z");

describe("events", () => {
  test("come back as they were written", () => {
    const event = agentEvent("waiting", "asks for permission", NOW);
    expect(event).toEqual({
      state: "waiting",
      at: "2026-01-02T03:04:05.678Z",
      detail: "asks for permission",
    });
    expect(parseAgentEvent(formatAgentEvent(event))).toEqual(event);
    const bare = agentEvent("idle", undefined, NOW);
    expect(parseAgentEvent(formatAgentEvent(bare))).toEqual(bare);
  });

  test("have one bounded line of text that is safe for a terminal", () => {
    const { detail } = agentEvent("working", ` a\u001b[2J\nb\u202e ${"x".repeat(999)}`, NOW);
    expect(detail).toMatch(/^a·\[2J·b· x+$/);
    expect(detail).toHaveLength(200);
    expect(agentEvent("working", " \n ", NOW).detail).toBeUndefined();
  });

  test.each([
    "",
    "null",
    "[]",
    '"working"',
    "{",
    '{"state":"working"}',
    '{"state":"done","at":"2026-01-02T03:04:05.678Z","detail":null}',
    '{"state":"constructor","at":"2026-01-02T03:04:05.678Z","detail":null}',
    '{"state":"idle","at":"yesterday","detail":null}',
    '{"state":"idle","at":"2026-99-99T03:04:05Z","detail":null}',
    '{"state":"idle","at":1767323045,"detail":null}',
    '{"state":"idle","at":"2026-01-02T03:04:05Z","detail":{}}',
    '{"state":"idle","at":"2026-01-02T03:04:05Z","detail":null,"more":1}',
    `{"state":"idle","at":"2026-01-02T03:04:05Z","detail":"${"x".repeat(5000)}"}`,
  ])("are not read from %s", (text) => {
    expect(parseAgentEvent(text)).toBeUndefined();
  });

  test("are tidied when they are read, too: the file need not be ours", () => {
    const text = '{"state":"idle","at":"2026-01-02T03:04:05Z","detail":"a\\u001b[31mb"}';
    expect(parseAgentEvent(text)?.detail).toBe("a·[31mb");
  });
});
