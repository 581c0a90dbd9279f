import type { LogLine } from "../../../app/agents/logs.js";
import { count, defineCommand, flag } from "../../command.js";
import { showLogs } from "../../log-lines.js";

export const agentLogs = defineCommand({
  path: "agent logs",
  summary: "Show what the agents' containers printed",
  description:
    "Shows the log of the containers' main processes. What commands print that run through exec goes to their own callers, not here.",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {
    follow: flag("-f, --follow", "go on as lines come, until Ctrl-C"),
    tail: count("-n, --tail <lines>", "only the last lines of each agent", 0),
  },
  examples: ["devkit agent logs 2", "devkit agent logs -f", "devkit agent logs --tail 20 --json"],
  json: "{ lines: [{ agent, time, text }] }; with --follow one { agent, time, text } per line",
  async run({ args, options, deps, reporter, shutdown }) {
    const { readAgentLogs } = await import("../../../app/agents/logs.js");
    const { follow, tail } = options;
    const project = await deps.projectDeps();
    return showLogs<LogLine>({
      ...{ reporter, shutdown, follow },
      source: ({ agent }) => agent,
      read: (signal, onLine) => readAgentLogs(project, args, { follow, tail, signal }, onLine),
    });
  },
});
