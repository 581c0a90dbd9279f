import { describe, expect, test } from "vitest";
import type { AgentOutcome } from "../../../../src/app/agents/execute.js";
import { requireSuccess } from "../../../../src/app/agents/outcome.js";
import { DevkitError, isDevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";

const ok = (index: number): AgentOutcome => ({ agent: agentAt(index), done: [], error: undefined });
const failed = (index: number, error: DevkitError): AgentOutcome => ({
  agent: agentAt(index),
  done: [],
  error,
});

const DIVERGED = new DevkitError("E_DIVERGED", "it diverged", {
  hint: "keep both",
  details: { diverged: ["x"] },
});
const GIT = new DevkitError("E_GIT", "git failed");
const BUSY = new DevkitError("E_AGENT_BUSY", "commands run", { hint: "add --force" });

function outcome(outcomes: readonly AgentOutcome[], untouched = 0): DevkitError | undefined {
  try {
    requireSuccess(outcomes, untouched);
    return undefined;
  } catch (error) {
    if (isDevkitError(error)) return error;
    throw error;
  }
}

describe("all went well", () => {
  test("is no error", () => {
    expect(outcome([])).toBeUndefined();
    expect(outcome([ok(1), ok(2)], 3)).toBeUndefined();
  });
});

describe("some failed", () => {
  test("is 6, and names which and how many of how many", () => {
    const error = outcome([ok(1), failed(2, GIT), failed(10, DIVERGED)]);
    expect(error).toMatchObject({ code: "E_SOME_FAILED", exitCode: 6 });
    expect(error?.message).toBe("2 of 3 agents failed (agent-2, agent-10): git failed");
    expect(error?.details["failed"]).toEqual([
      { agent: "agent-2", code: "E_GIT", message: "git failed" },
      { agent: "agent-10", code: "E_DIVERGED", message: "it diverged" },
    ]);
  });

  test("also when the others needed nothing", () => {
    const error = outcome([failed(3, BUSY)], 2);
    expect(error).toMatchObject({ code: "E_SOME_FAILED", exitCode: 6, hint: "add --force" });
    expect(error?.message).toBe("1 of 3 agents failed (agent-3): commands run");
  });
});

describe("the only one failed", () => {
  test("is its own error, with its own exit code and hint", () => {
    expect(outcome([failed(1, DIVERGED)])).toMatchObject({
      code: "E_DIVERGED",
      exitCode: 5,
      message: "agent-1: it diverged",
      hint: "keep both",
    });
    expect(outcome([failed(1, BUSY)])?.exitCode).toBe(5);
    expect(outcome([failed(1, GIT)])?.exitCode).toBe(1);
  });

  test("keeps the exit code an error was given", () => {
    const error = new DevkitError("E_GIT", "x", { exitCode: 3 });
    expect(outcome([failed(1, error)])?.exitCode).toBe(3);
  });
});

describe("all failed", () => {
  test("for the same reason: that reason, once", () => {
    const error = outcome([failed(1, BUSY), failed(2, BUSY), failed(3, BUSY)]);
    expect(error).toMatchObject({ code: "E_AGENT_BUSY", exitCode: 5, message: "all 3 agents: commands run" });
  });

  test("for different reasons is 1, and each is told", () => {
    const error = outcome([failed(1, GIT), failed(2, BUSY)]);
    expect(error).toMatchObject({ code: "E_ALL_FAILED", exitCode: 1 });
    expect(error?.message).toBe("all 2 agents failed; the first: agent-1: git failed");
    expect(error?.details["failed"]).toHaveLength(2);
  });

  test("shows the excerpt of the first, and keeps it as the cause", () => {
    const build = new DevkitError("E_IMAGE_BUILD", "x", { details: { excerpt: "the end of the log" } });
    expect(outcome([failed(1, build), failed(2, GIT)])).toMatchObject({
      cause: build,
      details: { excerpt: "the end of the log" },
    });
  });
});

describe("an interruption", () => {
  test.each([
    ["E_INTERRUPTED", 130],
    ["E_TERMINATED", 143],
  ] as const)("%s is what the command ends with, whatever else failed or worked", (code, exitCode) => {
    const reason = new DevkitError(code, "ended");
    expect(outcome([ok(1), failed(2, GIT), failed(3, reason)], 5)).toMatchObject({ code, exitCode });
  });
});
