import { describe, expect, test } from "vitest";
import { toDevkitError } from "../../../../src/base/errors.js";
import { chooseAgents } from "../../../../src/domain/agents/choose-agents.js";

const namesOf = (name: string | undefined, count: number, taken: [number, string][] = []) => {
  const there = taken.map(([index, own]) => ({ index, name: own }));
  try {
    return chooseAgents({ name, count }, there).map((agent) => `${String(agent.index)} ${agent.name}`);
  } catch (error) {
    return [toDevkitError(error).code, toDevkitError(error).message];
  }
};

describe("new agents", () => {
  test("come after the highest index there is", () => {
    expect(namesOf(undefined, 2)).toEqual(["1 agent-1", "2 agent-2"]);
    expect(namesOf(undefined, 2, [[2, "agent-2"], [7, "docs"]])).toEqual(["8 agent-8", "9 agent-9"]); // prettier-ignore
  });

  test("have the name asked for; of several, each a number behind it", () => {
    expect(namesOf("docs", 1, [[3, "agent-3"]])).toEqual(["4 docs"]);
    expect(namesOf("docs", 2)).toEqual(["1 docs-1", "2 docs-2"]);
  });

  test("with a name that says an index have that", () => {
    expect(namesOf("agent-5", 1, [[1, "agent-1"]])).toEqual(["5 agent-5"]);
    expect(namesOf("agent", 2)).toEqual(["1 agent-1", "2 agent-2"]);
  });

  test("take nobody's name and nobody's index", () => {
    expect(namesOf("docs", 1, [[3, "docs"]])[0]).toBe("E_AGENT_EXISTS");
    expect(namesOf("docs", 2, [[0, "docs-2"]])[0]).toBe("E_AGENT_EXISTS");
    expect(namesOf("agent-3", 1, [[3, "docs"]])).toEqual(["E_AGENT_EXISTS", "index 3 is docs's"]);
    expect(namesOf("a b", 1)[0]).toBe("E_USAGE");
    expect(namesOf("x".repeat(31), 2)[0]).toBe("E_USAGE");
    expect(namesOf(undefined, 1, [[9999, "agent-9999"]])[0]).toBe("E_USAGE");
  });
});
