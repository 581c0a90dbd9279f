import { countAgents, planData, planText } from "../../../output/views/agents.js";
import { defineCommand, flag } from "../../command.js";
import { upCommand } from "../../../domain/agents/up-command.js";

export const agentDown = defineCommand({
  path: "agent down",
  summary: "Stop agents; their work stays",
  description:
    "Brings the agents' commits home and stops their containers. Worktrees, branches, homes and containers stay; `agent up` starts them again.",
  arguments: [
    {
      syntax: "[agent...]",
      description: "indexes or names; all agents when none is given",
      completes: "agents",
    },
  ],
  options: { dryRun: flag("--dry-run", "print what would be done, and do nothing") },
  examples: ["devkit agent down", "devkit agent down 2 agent-3"],
  json: "{ dryRun, agents: [{ index, name, changed }], operations: [{ agent, kind, cause, after }] }",
  async run({ args, options, deps, reporter, shutdown }) {
    const [{ bringDown }, { requireSuccess }] = await Promise.all([
      import("../../../app/agents/down.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const project = await deps.projectDeps();
    const { host } = deps;
    const result = await bringDown(project, {
      selectors: args,
      host,
      ...options,
      signal: shutdown.signal,
      spec: deps.spec,
    });
    const changed = new Set(result.plan.operations.map(({ agent }) => agent.name));
    requireSuccess(result.outcomes, result.agents.length - changed.size);
    return {
      data: {
        dryRun: options.dryRun,
        agents: result.agents.map((agent) => ({ ...agent, changed: changed.has(agent.name) })),
        operations: planData(result.plan),
      },
      human: () => {
        if (options.dryRun) return planText(result.plan, {}, reporter.paint);
        if (result.agents.length === 0) return "No agent has a container.";
        return changed.size === 0
          ? "Nothing to stop."
          : `${countAgents(result.agents)} stopped. Start again: ${upCommand(result.agents)}`;
      },
    };
  },
});
