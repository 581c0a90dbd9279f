import { formatBlock } from "../../../domain/ports/block.js";
import { portRow, portTable } from "../../../output/views/ports.js";
import { defineCommand } from "../../command.js";

export const portList = defineCommand({
  path: "port list",
  summary: "Show the ports of this machine that are agents', and what they lead to",
  description:
    "Shows each agent's block of ports, and for every port of `[ports] publish` the address on this machine's loopback that leads to it. " +
    "`open`: this machine listens there; whether a program in the agent does is up to the agent. `taken`: another program has the port. `closed`: the agent is down, or `devkit agent up` has something to do.",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {},
  examples: ["devkit port list", "devkit port list 2 --json"],
  json: '{ agents: [{ index, name, ports: "first-last"|null, published: [{ inside, address, state: "open"|"taken"|"closed" }] }] }',
  async run({ args, deps }) {
    const { listPorts } = await import("../../../app/ports/list-ports.js");
    const [project, { settingsOf }] = await Promise.all([deps.projectDeps(), deps.config()]);
    const listed = await listPorts(project, { settingsOf, host: deps.host }, args);
    const agents = listed.map(({ agent, block, published }) => ({
      ...agent,
      ports: block === undefined ? null : formatBlock(block),
      published: published.map(portRow),
    }));
    return { data: { agents }, human: () => portTable(agents) };
  },
});
