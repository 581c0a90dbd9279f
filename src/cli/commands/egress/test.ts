import { probeTable } from "../../../output/views/probes.js";
import { defineCommand } from "../../command.js";

export const egressTest = defineCommand({
  path: "egress test",
  summary: "Try to get out of agents, and fail if anything does",
  description:
    "Tries from inside each agent everything that must not work: connections to the Internet, the host, other agents and the cloud's " +
    "metadata service, names by every name server, and what the proxy must refuse. What is sent is harmless, and what the proxy and " +
    "the name server refuse shows up in the agent's egress log under names with devkit-probe in them. Takes some six seconds. " +
    "Ends with 1 and the names of the leaks when anything gets through.",
  arguments: [
    {
      syntax: "[agent...]",
      description: "indexes or names; all that run when none is given",
      completes: "agents",
    },
  ],
  options: {},
  examples: [
    "devkit egress test",
    "devkit egress test 2",
    "devkit egress test --json | jq '.data.agents[].probes[] | {id, detail}'",
  ],
  json: '{ agents: [{ index, name, egress: "running"|…|"absent", probes: [{ id, group, tried, verdict: "blocked", detail }] }] }; a leak is the error E_EGRESS_LEAK with the same agents in its details, verdict "leaked" and fix where it is known',
  async run({ args, deps, reporter, shutdown }) {
    const [{ requireProbeable, runProbes }, { requireNoLeak }] = await Promise.all([
      import("../../../app/egress/run-probes.js"),
      import("../../../app/egress/require-no-leak.js"),
    ]);
    const [project, { settings }] = await Promise.all([deps.projectDeps(), deps.config()]);
    const { host } = deps;
    const agents = await requireProbeable(project, args);
    const probed = await runProbes(project, { agents, settings, host, signal: shutdown.signal });
    const data = requireNoLeak(probed);
    return { data, human: () => probeTable(probed, reporter.paint) };
  },
});
