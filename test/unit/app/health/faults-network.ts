import { agentAt } from "../../../../src/domain/agents/agent.js";
import { networkLabels } from "../../../../src/domain/egress/egress-spec.js";
import { parseCidr } from "../../../../src/domain/egress/cidr.js";
import { networkName } from "../../../../src/domain/identity/names.js";
import type { PlantedFault } from "../../support/planted-fault.js";
import { PROJECT, slotFor } from "../../support/things.js";
import { containerOf, GONE } from "./planted.js";

/** What becomes of networks, and of what agents share. */
export const NETWORK_FAULTS: readonly PlantedFault[] = [
  {
    check: "networks",
    fault: "one has no agent any more",
    async plant({ world: { engine } }) {
      await engine.createNetwork({
        ...{ name: networkName(PROJECT, GONE), subnet: slotFor(GONE).subnet, internal: true },
        labels: networkLabels(PROJECT, GONE, "0.1.0"),
      });
    },
    found: /agent-9 is gone, and its network or endpoint is not/,
    fix: /^devkit repair --apply$/,
    action: /^remove network and endpoint of agent-9$/,
  },
  {
    check: "networks",
    fault: "an endpoint has no agent any more",
    plant: ({ world: { endpoint } }) => {
      endpoint.agents.add(GONE.name);
      endpoint.rescan();
    },
    found: /agent-9 is gone/,
    fix: /^devkit repair --apply$/,
    action: /^remove network and endpoint of agent-9$/,
  },
  {
    check: "networks",
    fault: "a killed run has made a second one of the name",
    async plant({ world: { engine } }) {
      await engine.createNetwork({
        ...{ name: networkName(PROJECT, agentAt(1)), subnet: slotFor(GONE).subnet, internal: true },
        labels: networkLabels(PROJECT, agentAt(1), "0.1.0"),
      });
    },
    found: /there are two networks .*agent-1/,
    fix: /^docker network rm [0-9a-f]+$/,
    action: /^remove the second network .*agent-1$/,
  },
  {
    check: "subnets",
    fault: "this machine has a route to the addresses of one's network",
    plant({ world: { egress } }) {
      const route = parseCidr("10.213.0.3/32") ?? parseCidr(slotFor(agentAt(1)).subnet);
      if (route !== undefined) egress.hostRoutes.push({ ...route, prefix: 30 });
    },
    found: /the network of agent-1: this machine has a route to/,
    fix: /^devkit agent up 1$/,
    verdict: "failed",
    action: /^bring agent-1 up$/,
  },
  {
    check: "subnets",
    fault: "no part of the pool is free",
    plant: ({ engine }) => (engine.listSubnets = () => Promise.resolve(["10.0.0.0/8"])),
    found: /no part of 10\.213\.0\.0\/16 is free/,
    fix: /\[egress\] pool/,
    verdict: "warning",
    undo: ({ engine }) => delete engine.listSubnets,
  },
  {
    check: "egress",
    fault: "its container was stopped",
    plant({ world }) {
      containerOf(world, "egress").state = "exited";
    },
    found: /agent-1 reaches nothing: its egress container is exited/,
    fix: /^devkit up$/,
    verdict: "failed",
    action: /^start what agents share$/,
  },
  {
    check: "egress",
    fault: "an agent was started by hand, without its filter",
    plant({ world }) {
      containerOf(world, "agent", "agent-2").starts += 1;
    },
    found: /agent-2 was started by somebody else, and its network is not sealed/,
    fix: /^devkit agent up agent-2$/,
    verdict: "failed",
    action: /^bring agent-2 up$/,
  },
  {
    check: "egress",
    fault: "the proxy lets through what nobody is allowed",
    plant: ({ inside }) => inside.set(".invalid/", [128, "fatal: unable to access: response 502"]),
    found: /the proxy of agent-1 did not refuse devkit-probe-.*\.invalid/,
    fix: /^devkit egress test 1$/,
    verdict: "failed",
    undo: ({ inside }) => inside.clear(),
  },
  {
    check: "dns",
    fault: "an agent can ask for names outside",
    plant: ({ inside }) => inside.set("getent hosts example.com", [0, "192.0.2.1 example.com\n"]),
    found: /agent-1 can ask for example\.com/,
    fix: /^devkit egress test 1$/,
    verdict: "failed",
    undo: ({ inside }) => inside.clear(),
  },
  {
    check: "dns",
    fault: "an agent does not find its proxy",
    plant: ({ inside }) => inside.set("getent hosts tinyproxy", [2, ""]),
    found: /agent-1 does not find its proxy by name/,
    fix: /^devkit restart$/,
    verdict: "failed",
    undo: ({ inside }) => inside.clear(),
  },
  {
    check: "endpoint",
    fault: "its container was stopped",
    plant({ world }) {
      containerOf(world, "broker").state = "exited";
    },
    found: /the endpoint is exited/,
    fix: /^devkit up$/,
    verdict: "warning",
    action: /^start what agents share$/,
  },
];
