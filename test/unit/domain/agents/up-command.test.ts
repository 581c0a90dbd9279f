import { expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { upCommand } from "../../../../src/domain/agents/up-command.js";

const DOCS = { index: 2, name: "docs" };

test("the first agents are brought up by their number, all others by name", () => {
  expect(upCommand([agentAt(2), agentAt(1)])).toBe("devkit agent up 2");
  expect(upCommand([agentAt(5), agentAt(2)])).toBe("devkit agent up agent-2 agent-5");
  expect(upCommand([agentAt(1), DOCS])).toBe("devkit agent up agent-1 docs");
  expect(upCommand([agentAt(2)], ["node", "codex"])).toBe("devkit -p node -p codex agent up agent-2");
});
