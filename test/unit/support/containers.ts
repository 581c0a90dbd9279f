import { LABELS } from "../../../src/domain/identity/names.js";
import type { FakeContainer, FakeEngine } from "../fakes/engine.js";

/** The containers of agents, in the order they were made. */
export function agentContainers({ containers }: FakeEngine): FakeContainer[] {
  return [...containers.values()].filter(({ spec }) => spec.labels[LABELS.role] === "agent");
}

/** Those of egress. */
export function egressContainers({ containers }: FakeEngine): FakeContainer[] {
  return [...containers.values()].filter(({ spec }) => spec.labels[LABELS.role] === "egress");
}

/** `agent-1 running`, for each agent's container. */
export function agentStates(engine: FakeEngine): string[] {
  return agentContainers(engine).map(({ spec, state }) => `${spec.hostname} ${state}`);
}
