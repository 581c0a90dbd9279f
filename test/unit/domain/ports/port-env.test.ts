import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { projectOf } from "../../../../src/domain/identity/project.js";
import { portEnv } from "../../../../src/domain/ports/port-env.js";
import { describePublished } from "../../../../src/domain/ports/forwarder-spec.js";
import { publishedPorts } from "../../../../src/domain/ports/published.js";
import { specOf } from "../../support/things.js";

const envOf = (directory: string, index: number) => {
  const root = `/src/${directory}`;
  const project = projectOf({ root, commonDir: `${root}/.git`, stateHome: "/state" });
  return portEnv(project, agentAt(index), { first: 20_010, size: 10 });
};

const NAMES = ["demo", "My.App", "2048", "ünïcode", "a".repeat(200), "-_-", "x.y-z_w"];

describe("the variables that keep agents apart", () => {
  test("are the first port, all ports, and names of its own", () => {
    const { DEVKIT_DATABASE: database, COMPOSE_PROJECT_NAME: compose, ...ports } = envOf("demo", 2);
    expect(ports).toEqual({ PORT: "20010", DEVKIT_PORTS: "20010-20019" });
    expect(database).toMatch(/^demo_[0-9a-f]{8}_agent_2$/);
    expect(compose).toMatch(/^devkit-demo-[0-9a-f]{8}-agent-2$/);
  });

  test.each(NAMES)("are valid names whatever the repository is called: %s", (name) => {
    const { DEVKIT_DATABASE: database = "", COMPOSE_PROJECT_NAME: compose } = envOf(name, 9999);
    expect(database).toMatch(/^[a-z_][a-z0-9_]{0,62}$/);
    expect(database).toMatch(/_agent_9999$/);
    expect(compose).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
  });

  test("are no other agent's, of whatever project", () => {
    const all = NAMES.flatMap((name) => [1, 11].map((index) => envOf(name, index)));
    expect(new Set(all.map((env) => env["DEVKIT_DATABASE"])).size).toBe(all.length);
    expect(new Set(all.map((env) => env["COMPOSE_PROJECT_NAME"])).size).toBe(all.length);
  });

  test("are the user's where the settings have them", () => {
    const block = { first: 20_000, size: 10 };
    const { env } = specOf(agentAt(1), { env: { PORT: "8080" } }, undefined, block);
    expect(env).toMatchObject({ PORT: "8080", DEVKIT_PORTS: "20000-20009" });
  });
});

describe("the ports that are published", () => {
  test("are the first of the block, in their order, each once", () => {
    const published = publishedPorts(["3000", "5173", "3000", "22"], { first: 20_010, size: 10 });
    expect(describePublished(published)).toBe("3000 at 20010, 5173 at 20011, 22 at 20012");
  });

  test("are none without a block", () => {
    expect(publishedPorts(["3000"], undefined)).toEqual([]);
  });
});
