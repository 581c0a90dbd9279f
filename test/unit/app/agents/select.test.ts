import { describe, expect, test } from "vitest";
import { requireAgent, selectAgents } from "../../../../src/app/agents/select.js";
import type { DevkitError } from "../../../../src/base/errors.js";
import { isDevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";

const ALL = [1, 2, 10].map((index) => ({ agent: agentAt(index), tag: `of ${String(index)}` }));

const refusal = (selector: string, all = ALL): DevkitError => {
  try {
    requireAgent(selector, all);
  } catch (error) {
    if (isDevkitError(error)) return error;
  }
  throw new Error("it was found");
};

describe("one agent", () => {
  test("by index or by name", () => {
    expect(requireAgent("2", ALL).tag).toBe("of 2");
    expect(requireAgent("agent-10", ALL).tag).toBe("of 10");
  });

  test("that does not exist: 4, with those there are, and how to make it", () => {
    const error = refusal("9");
    expect(error).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
    expect(error.message).toBe("there is no agent-9; there are agent-1, agent-2, agent-10");
    expect(error.hint).toContain("devkit agent up 9");
    expect(error.details).toEqual({ asked: "9", agents: ["agent-1", "agent-2", "agent-10"] });
  });

  test.each(["x", "agent-x"])("%j could be one's name", (selector) => {
    expect(refusal(selector).message).toContain(`there is no ${selector}; there are agent-1`);
  });

  test.each(["0", "-1", "agent-2 ", "../x"])("%j is none at all", (selector) => {
    expect(refusal(selector).message).toMatch(/^".*" is not an agent's index or name; there are agent-1/);
    expect(refusal(selector).hint).toContain("devkit agent up 11");
  });

  test("where there are none yet", () => {
    expect(refusal("1", []).message).toBe("there is no agent-1; there are no agents yet");
    expect(refusal("1", []).hint).toContain("devkit agent up");
  });
});

describe("several agents", () => {
  test("are all when none is named", () => {
    expect(selectAgents([], ALL)).toEqual(ALL);
  });

  test("are those named, each once, in numeric order", () => {
    const names = selectAgents(["10", "agent-2", "2", "1"], ALL).map(({ agent }) => agent.name);
    expect(names).toEqual(["agent-1", "agent-2", "agent-10"]);
  });

  test("are refused whole when one of them does not exist", () => {
    expect(() => selectAgents(["1", "7"], ALL)).toThrow("there is no agent-7");
  });
});
