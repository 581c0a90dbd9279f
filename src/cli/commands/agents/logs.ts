import { withoutControls } from "../../../base/controls.js";
import { count, defineCommand, flag } from "../../command.js";

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
    const lines: { agent: string; time: string; text: string }[] = [];
    const project = await deps.projectDeps();
    // Ctrl-C is how following ends, not a failure of it.
    const stop = new AbortController();
    const release = follow
      ? shutdown.delegate(() => {
          stop.abort();
        })
      : () => undefined;
    const show = (line: (typeof lines)[number]) =>
      `${line.agent}  ${line.time}  ${withoutControls(line.text)}`;
    try {
      await readAgentLogs(project, args, { follow, tail, signal: stop.signal }, (line) => {
        if (follow) reporter.item(line, () => show(line));
        else lines.push(line);
      });
    } finally {
      release();
    }
    if (follow) return { streamedExitCode: 0 };
    return { data: { lines }, human: () => lines.map(show).join("\n") };
  },
});
