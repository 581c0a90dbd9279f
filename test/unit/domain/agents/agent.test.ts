import { expect, test } from "vitest";
import {
  agentAt,
  byIndex,
  isCalled,
  MAX_AGENT_INDEX,
  parseAgentName,
  parseAgentSelector,
} from "../../../../src/domain/agents/agent.js";

test("an agent's name comes from its index and back", () => {
  for (const index of [1, 2, 10, 99, MAX_AGENT_INDEX]) {
    expect(parseAgentName(agentAt(index).name)).toEqual({ index, name: `agent-${String(index)}` });
  }
});

test.each(["1", "agent-1"])("users may say %s for the first agent", (text) => {
  expect(parseAgentSelector(text)).toEqual(agentAt(1));
});

test.each([
  "",
  "0",
  "-1",
  "01",
  "1.5",
  "10000",
  "agent-0",
  "agent-01",
  "agent-",
  "agent-1x",
  "Agent-1",
  "agent-1\n",
  " agent-1",
  "../agent-1",
  "agent-10000",
  "--help",
  "१",
])("%j names no agent", (text) => {
  expect(parseAgentSelector(text)).toBeUndefined();
  expect(parseAgentName(text)).toBeUndefined();
});

test("agents sort by number, not by text", () => {
  const names = [10, 9, 100, 2, 1].map((index) => agentAt(index)).sort(byIndex);
  expect(names.map(({ name }) => name)).toEqual(["agent-1", "agent-2", "agent-9", "agent-10", "agent-100"]);
});

const NAMED = new Map([["docs", 4]]);

test("an agent that was given a name has its index for itself", () => {
  expect(agentAt(4, NAMED)).toEqual({ index: 4, name: "docs" });
  expect(agentAt(3, NAMED)).toEqual({ index: 3, name: "agent-3" });
  expect(parseAgentName("docs", NAMED)).toEqual({ index: 4, name: "docs" });
  expect(parseAgentName("doc", NAMED)).toBeUndefined();
});

test("users type its index or its name, and not the name that it would have", () => {
  expect(parseAgentSelector("4", NAMED)).toEqual({ index: 4, name: "docs" });
  expect(parseAgentSelector("docs", NAMED)).toEqual({ index: 4, name: "docs" });
  expect(parseAgentSelector("agent-4", NAMED)).toBeUndefined();
  expect(isCalled({ index: 4, name: "docs" }, "4")).toBe(true);
  expect(isCalled({ index: 4, name: "docs" }, "docs")).toBe(true);
  expect(isCalled({ index: 4, name: "docs" }, "agent-4")).toBe(false);
});
