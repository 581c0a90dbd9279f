import { expect, test } from "vitest";
import { findNameProblem, isAgentName } from "../../../../src/domain/agents/agent-name.js";

test.each(["x", "docs", "my-agent", "a1-b2", "agent", "agent-1", "agent-9999", "a".repeat(32)])(
  "an agent can be called %j",
  (name) => {
    expect(findNameProblem(name)).toBeUndefined();
    expect(isAgentName(name)).toBe(true);
  },
);

test.each([
  ["", "not made of words"],
  ["../x", "not made of words"],
  ["a b", "not made of words"],
  ["-x", "not made of words"],
  ["x-", "not made of words"],
  ["a--b", "not made of words"],
  ["a:b", "not made of words"],
  ["a.b", "not made of words"],
  ["a/b", "not made of words"],
  ["A", "not made of words"],
  ["1", "not made of words"],
  ["ümlaut", "not made of words"],
  ["x\n", "not made of words"],
  ["a".repeat(33), "longer than 32"],
  ["a".repeat(300), "longer than 32"],
  ["main", "the user"],
  ["agent-0", "agent-1 to agent-9999"],
  ["agent-01", "agent-1 to agent-9999"],
  ["agent-10000", "agent-1 to agent-9999"],
  ["egress", "beside agents"],
  ["x-ports-inside", "beside agents"],
])("no agent can be called %j", (name, why) => {
  expect(findNameProblem(name)).toContain(why);
});
