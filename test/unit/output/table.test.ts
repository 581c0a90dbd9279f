import { describe, expect, test } from "vitest";
import { agentAt } from "../../../src/domain/agents/agent.js";
import type { Plan } from "../../../src/domain/agents/plan.js";
import { createPaint } from "../../../src/output/paint.js";
import {
  agentTable,
  countAgents,
  planData,
  planText,
  type AgentRow,
} from "../../../src/output/views/agents.js";
import { formatTable } from "../../../src/output/views/table.js";

describe("a table", () => {
  test("has columns as wide as their widest cell, and no spaces at the end of a line", () => {
    expect(
      formatTable(
        ["A", "LONG", "C"],
        [
          ["one", "x", "last one"],
          ["", "longer", ""],
        ],
      ),
    ).toBe("A    LONG    C\none  x       last one\n     longer");
  });

  test("of nothing is its header; a row may be short", () => {
    expect(formatTable(["A", "B"], [])).toBe("A  B");
    expect(formatTable(["A", "B"], [["x"]])).toBe("A  B\nx");
  });
});

describe("the table of agents", () => {
  const row = (change: Partial<AgentRow> = {}): AgentRow => ({
    index: 1,
    name: "agent-1",
    state: "running",
    branch: "agent/agent-1/idle",
    worktree: "/src/demo/.devkit/agents/agent-1",
    sync: "current",
    ports: [],
    homeBytes: 3 * 1024 ** 2,
    homeComplete: true,
    outOfMemory: null,
    activity: { state: "waiting", since: null, detail: null, exitCode: null },
    ...change,
  });

  test("shows worktrees as the user would type them", () => {
    expect(agentTable([row()], "/src/demo").split("\n")[1]).toBe(
      "agent-1  running  waiting   agent/agent-1/idle  current  3.0 MiB  .devkit/agents/agent-1",
    );
    expect(agentTable([row()], "/src/de")).toContain("/src/demo/.devkit/agents/agent-1");
  });

  test("says how large a home is, and when it is larger than what was looked at", () => {
    expect(agentTable([row({ homeBytes: 1.2 * 1024 ** 3, homeComplete: false })], "/")).toContain(
      " ≥ 1.2 GiB ",
    );
    expect(agentTable([row({ homeBytes: null })], "/")).not.toContain("MiB");
  });

  test("says that an agent is on no branch, and what to do when there are no agents", () => {
    expect(agentTable([row({ branch: null })], "/")).toContain("(detached)");
    expect(agentTable([], "/")).toContain("devkit agent up");
  });
});

describe("a plan", () => {
  const plan: Plan = {
    operations: [
      {
        id: "agent-2/container.start",
        kind: "container.start",
        agent: agentAt(2),
        cause: "it is exited",
        after: [],
      },
    ],
  };

  test("is shown with its causes, what agents share first", () => {
    const causes = { imageCause: "there is no image x", egressCause: "there is none" };
    expect(planText(plan, causes, createPaint(false)).split("\n")).toEqual([
      "image.build: there is no image x",
      "egress.start: there is none",
      "agent-2  container.start: it is exited",
    ]);
    expect(planText({ operations: [] }, {}, createPaint(false))).toBe("Nothing to do.");
    expect(planText({ operations: [] }, { egressCause: "it is exited" }, createPaint(false))).toBe(
      "egress.start: it is exited",
    );
  });

  test("is data with the agents' names", () => {
    expect(planData(plan)).toEqual([
      { agent: "agent-2", kind: "container.start", cause: "it is exited", after: [] },
    ]);
  });
});

test("agents are counted in words", () => {
  expect([countAgents([agentAt(1)]), countAgents([agentAt(1), agentAt(2)]), countAgents([])]).toEqual([
    "1 agent",
    "2 agents",
    "0 agents",
  ]);
});
