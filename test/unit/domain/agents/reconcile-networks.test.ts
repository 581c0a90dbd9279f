import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import type { ObservedAgent, ObservedContainer } from "../../../../src/domain/agents/observed.js";
import type { Plan } from "../../../../src/domain/agents/plan.js";
import { reconcileUp, type AgentNetwork } from "../../../../src/domain/agents/reconcile.js";
import {
  absentAgent,
  NO_NETWORK,
  NO_PORTS,
  PROJECT,
  runningContainer,
  slotFor,
  specOf,
  wholeAgent,
  wholeNetwork,
} from "../../support/things.js";

const AGENT = agentAt(1);
const WHOLE = wholeAgent(1);

const steps = (plan: Plan) => plan.operations.map(({ kind, cause }) => [kind, cause]);

const withContainer = (container: Partial<ObservedContainer>): ObservedAgent => ({
  ...WHOLE,
  container: { ...runningContainer(AGENT), ...container },
});

/** Every start of a container is followed by the filter, which went with the stop. */
const SEALED = ["network.seal", "its container has just been started"];

const NEW_NETWORK = [
  ["network.create", "it has no network"],
  ["network.attach", "its network is new"],
];

describe("agent up, of networks", () => {
  const withNetwork = (observed: ObservedAgent, network: Partial<AgentNetwork>) =>
    reconcileUp([
      { observed, spec: specOf(AGENT), network: { ...wholeNetwork(AGENT), ...network }, ports: NO_PORTS },
    ]);
  const replaced = (cause: string) => [
    ["container.remove", cause],
    ["container.create", "its old one was removed"],
    ["container.start", "it is new"],
    SEALED,
  ];
  const between = (all: string[][], ...network: string[][]) => [
    ...all.slice(0, 1),
    ...network,
    ...all.slice(1),
  ];

  test("one whose network is gone gets a new one, and a container on it", () => {
    expect(steps(withNetwork(WHOLE, NO_NETWORK))).toEqual(
      between(replaced("its network is gone"), ...NEW_NETWORK),
    );
  });

  test("one whose network was made again under the same name gets a container on that", () => {
    expect(steps(withNetwork(WHOLE, { id: "another" }))).toEqual(replaced("it is on another network"));
  });

  test("one that is on no network is made again on its own", () => {
    expect(steps(withNetwork(withContainer({ networks: new Map() }), {}))).toEqual(
      replaced("it is on another network"),
    );
  });

  test("one whose egress is not on its network keeps running while it joins", () => {
    expect(steps(withNetwork(WHOLE, { attached: false }))).toEqual([
      ["network.attach", "its egress is not on its network"],
    ]);
  });

  test("one that is stopped starts when its egress has joined", () => {
    const plan = withNetwork(withContainer({ state: "exited" }), { attached: false });
    expect(plan.operations.map(({ id, after }) => [id, after])).toEqual([
      ["agent-1/network.attach", []],
      ["agent-1/container.start", ["agent-1/network.attach"]],
      ["agent-1/network.seal", ["agent-1/container.start"]],
    ]);
  });

  test("one that somebody else has started is sealed as it runs, when its egress has joined", () => {
    const cause = "its container was started by somebody else";
    expect(steps(withNetwork(WHOLE, { sealed: false }))).toEqual([["network.seal", cause]]);
    const plan = withNetwork(WHOLE, { sealed: false, attached: false });
    expect(plan.operations.map(({ id, after }) => [id, after])).toEqual([
      ["agent-1/network.attach", []],
      ["agent-1/network.seal", ["agent-1/network.attach"]],
    ]);
  });

  test("one that has to start is sealed once, whether its network was sealed before or not", () => {
    for (const sealed of [true, false]) {
      const plan = steps(withNetwork(withContainer({ state: "exited" }), { sealed }));
      expect(plan).toEqual([["container.start", "its container is exited"], SEALED]);
    }
  });

  test("one whose network cannot stay: its container goes before it, and comes back after the new one", () => {
    const old = specOf(AGENT, {}, slotFor(agentAt(9)));
    const observed = { ...WHOLE, container: runningContainer(AGENT, old) };
    const plan = withNetwork(observed, { misplaced: "this machine has a route there now" });
    const name = `devkit-${PROJECT.id}-agent-1`;
    expect(steps(plan)).toEqual(
      between(
        replaced(`network changed from ${name} 10.213.0.67 to ${name} 10.213.0.3`),
        ["network.remove", "this machine has a route there now"],
        ["network.create", "its old one was removed"],
        ["network.attach", "its network is new"],
      ),
    );
    expect(plan.operations.map(({ after }) => after)).toEqual([
      [],
      ["agent-1/container.remove"],
      ["agent-1/network.remove"],
      ["agent-1/network.create"],
      ["agent-1/network.attach"],
      ["agent-1/container.create"],
      ["agent-1/container.start"],
    ]);
  });

  test("the network is made while git checks files out; the container waits for both", () => {
    const { operations } = withNetwork(
      { ...absentAgent(1), container: { ...runningContainer(AGENT), state: "dead" } },
      NO_NETWORK,
    );
    const after = (id: string) => operations.find((one) => one.id === `agent-1/${id}`)?.after;
    expect(after("network.create")).toEqual(["agent-1/container.remove"]);
    expect(after("worktree.add")).toEqual(["agent-1/container.remove"]);
    expect(after("container.create")).toEqual(["agent-1/git.create", "agent-1/network.attach"]);
  });
});
