import { DevkitError } from "../../../base/errors.js";
import type { AgentRef } from "../../../domain/agents/agent.js";
import { isOnHost } from "../../../app/host-runtime/is-on-host.js";
import { defineCommand } from "../../command.js";

export const agentAttach = defineCommand({
  path: "agent attach",
  summary: "Show an agent's tmux session",
  description:
    "Shows the tmux session in which an agent's command runs, until you leave it (C-b d); from inside tmux it switches to it. " +
    "The agent goes on when you leave",
  arguments: [{ syntax: "<agent>", description: "index or name", completes: "agents" }],
  options: {},
  examples: ["devkit agent attach 2"],
  json: "always a usage error: a session is not a document",
  async run({ args, deps, reporter }) {
    const [selector = ""] = args;
    if (reporter.json) {
      throw new DevkitError("E_USAGE", "a session cannot be told as one JSON document", {
        hint: "in a terminal: devkit agent attach 1",
      });
    }
    const { findSession } = await import("../../../app/sessions/find-session.js");
    const [sessions, pool] = await Promise.all([deps.sessions(), deps.tasks()]);
    const { roster } = await deps.project();
    const needs = {
      ...{ sessions, agents: () => pool.agents(), roster },
      isOnHost: async (one: AgentRef) => isOnHost(await deps.projectDeps(), one),
    };
    const { agent } = await findSession(needs, selector);
    reporter.close();
    await sessions.attach(agent);
    return { streamedExitCode: 0 };
  },
});
