import { expect, test } from "vitest";
import { turnError, type FailedTurn } from "../../../../src/app/tools/turn-error.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";

const TURN: FailedTurn = {
  ...{ agent: agentAt(2), tool: "codex", fault: "other", said: undefined, asked: true, timeoutMs: 60_000 },
  ...{ overlays: ["small"], refused: [] },
};

test.each([
  [
    "missing",
    "E_CLI_MISSING",
    3,
    "make the agent with its overlay: devkit -p small -p codex agent up agent-2",
  ],
  ["no-login", "E_NOT_LOGGED_IN", 4, "give the agent one: devkit codex-auth import FILE 2"],
  ["expired", "E_LOGIN_EXPIRED", 1, "give the agent a new one: devkit codex-auth import FILE 2"],
  ["revoked", "E_LOGIN_REFUSED", 1, "give the agent a new one: devkit codex-auth import FILE 2"],
  ["refused", "E_LOGIN_REFUSED", 1, "give the agent a new one: devkit codex-auth import FILE 2"],
  ["limit", "E_MODEL_LIMIT", 1, "wait, or give the agent a login of its own"],
  ["server", "E_MODEL_SERVER", 1, "try again: devkit codex-test 2"],
  ["denied", "E_MODEL_DENIED", 1, "see what was refused: devkit egress log --denied --agent 2"],
  ["authority", "E_MODEL_CERTIFICATE", 1, /docs\/images\.md/],
  [
    "unreachable",
    "E_MODEL_UNREACHABLE",
    1,
    "see what the agent asked for: devkit egress log --denied --agent 2",
  ],
  ["silent", "E_MODEL_TIMEOUT", 1, "give it more time: devkit codex-test 2 --timeout 3m"],
  ["other", "E_MODEL", 1, "try it yourself: devkit exec 2 -- codex"],
] as const)("%s is told as %s", (fault, code, exitCode, hint) => {
  const error = turnError({ ...TURN, fault });
  expect(error).toMatchObject({
    code,
    exitCode,
    details: { agent: "agent-2", tool: "codex", reason: fault },
  });
  expect(error.message).toMatch(/^Codex in agent-2: [^\n]+$/);
  expect(error.hint).toMatch(hint);
});

test("the program's words are one line without secrets, of some length at most", () => {
  const said = `no:\r\n Bearer abc.def sk-planted-0123456789 ${"x".repeat(400)}`;
  const { message, details } = turnError({ ...TURN, fault: "refused", said });
  expect(message).toMatch(/refused its login: no: \[secret\] \[secret\] x+…$/);
  expect(JSON.stringify([message, details])).not.toMatch(/planted|abc\.def|\n/);
  expect(message.length).toBeLessThan(400);
});

test("what egress refused is named, with what would allow it", () => {
  const entry = { atMs: 1, agent: "agent-2", kind: "proxy", verdict: "denied", count: 1 } as const;
  const refused = [{ ...entry, target: "api.openai.com:443" }];
  const error = turnError({ ...TURN, fault: "denied", refused });
  expect(error.message).toContain("may not reach api.openai.com:443");
  expect(error.hint).toBe("let it: devkit allow api.openai.com --agent agent-2");
  const failed = [{ ...entry, verdict: "failed", target: "api.openai.com:443" }] as const;
  expect(turnError({ ...TURN, fault: "unreachable", refused: failed }).message).toContain(
    "nobody answers at api.openai.com:443",
  );
});

test("a program that did not even ask is told from a server that says nothing", () => {
  const told = (asked: boolean) => turnError({ ...TURN, fault: "silent", asked }).message;
  expect(told(true)).toContain("the model did not answer within 60 s");
  expect(told(false)).toContain("it did not come to its question within 60 s");
});
