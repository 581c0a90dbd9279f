import type { RunningAgent } from "../../../app/agents/exec.js";
import { DevkitError } from "../../../base/errors.js";
import { AGENT_HOOKS, isAgentHook } from "../../../domain/hooks/agent-hooks.js";
import { defineCommand } from "../../command.js";

export const hookRun = defineCommand({
  path: "hook run",
  summary: "Run a hook in agents now",
  description:
    "Runs the commands of a hook in agents that run, also when they have run already. What they say is shown with -v, and its end is kept in the agent's state directory. " +
    "A hook may take an hour; Ctrl-C ends it.",
  arguments: [
    { syntax: "<hook>", description: AGENT_HOOKS.join(", "), choices: AGENT_HOOKS },
    {
      syntax: "[agent...]",
      description: "indexes or names; all that run when none is given",
      completes: "agents",
    },
  ],
  options: {},
  examples: ["devkit hook run maintain", "devkit -v hook run on_create 2"],
  json: "{ hook, agents: [{ index, name }] }",
  async run({ args, deps, shutdown }) {
    const [hook = "", ...selectors] = args;
    if (!isAgentHook(hook)) throw new DevkitError("E_USAGE", `there is no hook ${JSON.stringify(hook)}`);
    const [{ runNamedHook }, { requireSuccess }] = await Promise.all([
      import("../../../app/hooks/run-named-hook.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const [project, { settingsOf }] = await Promise.all([deps.projectDeps(), deps.config()]);
    const request = {
      hook,
      selectors,
      settingsOf,
      envOf: (running: RunningAgent) => deps.passedEnv(running),
      signal: shutdown.signal,
    };
    const outcomes = await runNamedHook(project, request);
    requireSuccess(outcomes, 0);
    const names = outcomes.map(({ agent }) => agent.name).join(", ");
    return {
      data: { hook, agents: outcomes.map(({ agent }) => agent) },
      human: () =>
        names === "" ? "No agent runs. Start some: devkit agent up 3" : `${hook} ran in ${names}.`,
    };
  },
});
