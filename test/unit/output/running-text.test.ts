import { expect, test } from "vitest";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { runningText } from "../../../src/output/views/agents.js";

test("the shell that agent up offers is of an agent that it brought up", () => {
  expect(runningText([agentAt(1), agentAt(2), agentAt(3)], true)).toBe(
    "3 agents running. Open a shell: devkit exec-cd 2 bash",
  );
  // Agents 1 and 2 have no container.
  expect(runningText([agentAt(3)], false)).toBe(
    "1 agent running, nothing to do. Open a shell: devkit exec-cd 3 bash",
  );
  expect(runningText([], false)).toBe("0 agents running, nothing to do.");
});
