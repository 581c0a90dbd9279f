import { expect, test } from "vitest";
import { findSession } from "../../../../src/app/sessions/find-session.js";
import { selectToShow } from "../../../../src/app/sessions/select-to-show.js";
import { agentAt, type AgentRef } from "../../../../src/domain/agents/agent.js";
import type { AgentSession } from "../../../../src/app/ports-sessions.js";

const ROSTER = new Map([["reviewer", 2]]);
const session = (agent: string): AgentSession => ({
  ...{
    agent,
    name: `devkit-${agent}`,
    attached: 0,
    state: "running",
    exitCode: undefined,
    signal: undefined,
    pid: undefined,
  },
});
const needs = (...agents: string[]) => ({
  roster: ROSTER,
  agents: () => Promise.resolve([1, 2, 10].map((index) => agentAt(index, ROSTER))),
  isOnHost: ({ index }: AgentRef) => Promise.resolve(index === 2),
  sessions: { require: () => Promise.resolve(), list: () => Promise.resolve(agents.map(session)) },
});

test.each([
  ["10", "agent-10"],
  ["agent-10", "agent-10"],
  ["2", "reviewer"],
  ["reviewer", "reviewer"],
])("%s is the session of %s", async (selector, agent) => {
  expect((await findSession(needs("agent-10", "reviewer"), selector)).agent).toBe(agent);
});

test("an agent without a session is another thing than no agent", async () => {
  const found = (selector: string) => findSession(needs("agent-10"), selector);
  await expect(found("1")).rejects.toMatchObject({
    ...{ code: "E_SESSION_UNKNOWN", exitCode: 4, message: "agent-1 has no tmux session" },
    hint: "open a shell in it: devkit shell 1; with a session: agent-10",
  });
  await expect(found("2")).rejects.toMatchObject({
    hint: expect.stringMatching(/^see where it works.*: devkit agent status 2; with a session/) as string,
  });
  for (const selector of ["3", "agent-2", "a b", "../x", "-x"])
    await expect(found(selector)).rejects.toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
});

test("windows are for those that run, of those that were asked for", () => {
  const running = [1, 2, 10].map((index) => ({
    agent: agentAt(index, ROSTER),
    runtime: "container" as const,
    overlays: [],
  }));
  const names = (count: number | undefined) => {
    const { shown, missing } = selectToShow(running, count, ROSTER);
    return [shown.map(({ agent }) => agent.name), missing.map(({ name }) => name)];
  };
  expect(names(undefined)).toEqual([["agent-1", "reviewer", "agent-10"], []]);
  expect(names(3)).toEqual([["agent-1", "reviewer"], ["agent-3"]]);
  const none = { code: "E_AGENT_NOT_RUNNING", exitCode: 4, hint: "bring them up first: devkit agent up 3" };
  expect(() => selectToShow([], 3, ROSTER)).toThrow(expect.objectContaining(none));
});
