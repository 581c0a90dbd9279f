import { expect, test } from "vitest";
import {
  agentAt,
  byIndex,
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
  const names = [10, 9, 100, 2, 1].map(agentAt).sort(byIndex);
  expect(names.map(({ name }) => name)).toEqual(["agent-1", "agent-2", "agent-9", "agent-10", "agent-100"]);
});
