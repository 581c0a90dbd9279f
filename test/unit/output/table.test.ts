import { describe, expect, test } from "vitest";
import { agentAt } from "../../../src/domain/agents/agent.js";
import type { Plan } from "../../../src/domain/agents/plan.js";
import { createPaint } from "../../../src/output/paint.js";
import { countAgents, planData, planText } from "../../../src/output/views/agents.js";
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
