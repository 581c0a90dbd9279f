import { describe, expect, test } from "vitest";
import { agentAt, type AgentRef } from "../../../../src/domain/agents/agent.js";
import type { Operation } from "../../../../src/domain/agents/plan.js";
import { reconcileDown, reconcileUp } from "../../../../src/domain/agents/reconcile.js";
import {
  applyOperation,
  hasFreshMounts,
  isWhole,
  networkOf,
  observeModel,
  portsOf,
  randomModel,
  type AgentModel,
} from "../../support/agent-model.js";
import { createRandom, type Random } from "../../support/random.js";
import { specOf as makeSpec } from "../../support/things.js";

const RUNS = 600;

const specs = new Map([1, 2, 3, 4].map((index) => [index, makeSpec(agentAt(index))]));
const specOf = ({ index }: AgentRef) => specs.get(index) ?? makeSpec(agentAt(index));

const desired = (model: AgentModel) => ({
  observed: observeModel(model),
  spec: specOf(model.agent),
  network: networkOf(model),
  ports: portsOf(model),
});

const planFor = (models: readonly AgentModel[]) => reconcileUp(models.map(desired)).operations;

function apply(models: readonly AgentModel[], operations: readonly Operation[]): void {
  for (const operation of operations) {
    const model = models.find(({ agent }) => agent.name === operation.agent.name);
    if (model === undefined) throw new Error(`nobody asked for ${operation.agent.name}`);
    applyOperation(model, operation, specOf(model.agent));
  }
}

/** Runs a check on many random states; a failure names the seed and shows the state. */
function forRandomStates(check: (models: AgentModel[], random: Random) => void): void {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const random = createRandom(seed);
    const models = Array.from({ length: 1 + random.int(4) }, (_, position) =>
      randomModel(agentAt(position + 1), random),
    );
    const before = JSON.stringify(
      models.map((model) => {
        const { container, ...rest } = observeModel(model);
        return [rest, container?.state, [...(container?.networks ?? [])], networkOf(model), model.ports];
      }),
    );
    try {
      check(models, random);
    } catch (error) {
      throw new Error(`seed ${String(seed)}: ${before}: ${String(error)}`, { cause: error });
    }
  }
}

/** A killed devkit has done any part of the plan in which each step comes after those it waits for. */
function applyUntilKilled(models: readonly AgentModel[], random: Random): void {
  const left = [...planFor(models)];
  const done = new Set<string>();
  for (let count = random.int(left.length + 1); count > 0; count -= 1) {
    const next = random.pick(left.filter(({ after }) => after.every((id) => done.has(id))));
    apply(models, [next]);
    left.splice(left.indexOf(next), 1);
    done.add(next.id);
  }
}

/** Everything that an operation waits for, directly or not. */
function waitedFor(operations: readonly Operation[], { after }: Operation): ReadonlySet<string> {
  const direct = operations.filter(({ id }) => after.includes(id));
  return new Set([...after, ...direct.flatMap((one) => [...waitedFor(operations, one)])]);
}

/** What has to be there before the container starts: the filter comes after. */
const isOfNetwork = ({ kind }: Operation) => kind.startsWith("network.") && kind !== "network.seal";
const isOfFiles = ({ kind }: Operation) => /^(worktree|state)\.|^git\.create$/.test(kind);

describe("agent up, from any state", () => {
  test("applying the plan leaves nothing to do", () => {
    forRandomStates((models) => {
      apply(models, planFor(models));
      expect(planFor(models)).toEqual([]);
      expect(models.every((model) => isWhole(model, specOf(model.agent)))).toBe(true);
    });
  });

  test("killed anywhere and run again, it gets there all the same", () => {
    forRandomStates((models, random) => {
      applyUntilKilled(models, random);
      applyUntilKilled(models, random);
      apply(models, planFor(models));
      expect(planFor(models)).toEqual([]);
      expect(models.every((model) => isWhole(model, specOf(model.agent)))).toBe(true);
    });
  });

  test("every running container works in the directories that are there", () => {
    forRandomStates((models) => {
      apply(models, planFor(models));
      expect(models.filter((model) => !hasFreshMounts(model)).map(({ agent }) => agent.name)).toEqual([]);
    });
  });

  test("every running container works in the directories that are there, also after a kill", () => {
    forRandomStates((models, random) => {
      // Only running containers: paused ones are in the test above.
      for (const { container } of models) {
        if (container?.state === "paused" || container?.state === "restarting") container.state = "running";
      }
      applyUntilKilled(models, random);
      apply(models, planFor(models));
      expect(models.filter((model) => !hasFreshMounts(model)).map(({ agent }) => agent.name)).toEqual([]);
    });
  });

  test("an agent's commits never look undone to it: what is checked out is as new as they are", () => {
    forRandomStates((models, random) => {
      applyUntilKilled(models, random);
      apply(models, planFor(models));
      expect(models.filter(({ undone }) => undone).map(({ agent }) => agent.name)).toEqual([]);
    });
  });

  test("operations are listed after all they wait for, under unique ids, agents in order", () => {
    forRandomStates((models) => {
      const operations = planFor(models);
      const listed = new Set<string>();
      for (const { id, after } of operations) {
        expect(listed.has(id)).toBe(false);
        expect(after.filter((one) => !listed.has(one))).toEqual([]);
        listed.add(id);
      }
      const indexes = operations.map(({ agent }) => agent.index);
      expect(indexes).toEqual([...indexes].sort((a, b) => a - b));
    });
  });

  test("no cause is empty, and nothing waits for another agent", () => {
    forRandomStates((models) => {
      for (const { agent, after, cause } of planFor(models)) {
        expect(cause).not.toBe("");
        expect(after.filter((id) => !id.startsWith(`${agent.name}/`))).toEqual([]);
      }
    });
  });

  test("its network and its files are made side by side, after what used them is down and before it starts", () => {
    forRandomStates((models) => {
      const operations = planFor(models);
      for (const operation of operations) {
        const before = operations.slice(0, operations.indexOf(operation));
        const own = before.filter(({ agent }) => agent.name === operation.agent.name);
        const apart = isOfNetwork(operation) ? isOfFiles : isOfFiles(operation) ? isOfNetwork : () => false;
        const expected = own.filter((one) => !apart(one)).map(({ id }) => id);
        expect([...waitedFor(operations, operation)].sort()).toEqual(expected.sort());
      }
    });
  });
});

describe("agent up seals", () => {
  test("right after each start, and never what does not run", () => {
    forRandomStates((models) => {
      const operations = planFor(models);
      for (const { id, kind, agent } of operations) {
        if (kind !== "container.start") continue;
        const seal = operations.find((one) => one.id === `${agent.name}/network.seal`);
        expect(seal?.after).toEqual([id]);
      }
    });
  });
});

describe("agent down, from any state", () => {
  test("applying the plan leaves nothing to do and nothing running", () => {
    forRandomStates((models) => {
      const forwarded = () =>
        new Set(models.flatMap(({ agent, ports }) => (ports.present ? [agent.name] : [])));
      const plan = () => reconcileDown(models.map(observeModel), forwarded()).operations;
      apply(models, plan());
      expect(plan()).toEqual([]);
      expect(models.filter(({ container }) => container?.state === "running")).toEqual([]);
      expect(models.filter(({ ports }) => ports.present)).toEqual([]);
    });
  });
});
