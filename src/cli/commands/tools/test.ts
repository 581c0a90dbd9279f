import type { RunningAgent } from "../../../app/agents/exec.js";
import { DevkitError } from "../../../base/errors.js";
import { parseDuration, toDeadline } from "../../../base/durations.js";
import { TOOL_TITLES, type Tool } from "../../../domain/tools/tool.js";
import { defineCommand, text, type Command } from "../../command.js";

const DEFAULT = "60s";

export const codexTest = testCommand("codex");
export const claudeTest = testCommand("claude");

function testCommand(tool: Tool): Command {
  const title = TOOL_TITLES[tool];
  return defineCommand({
    path: `${tool}-test`,
    summary: `Ask ${title}'s model one question in an agent`,
    description:
      `Runs one real turn of ${title} in the agent, with its login, through its egress, and keeps nothing of it in the agent's history. ` +
      "Each way in which that can fail has an error code and a hint of its own (docs/codex-and-claude.md).",
    arguments: [{ syntax: "<agent>", description: "index or name", completes: "agents" }],
    options: { timeout: text("--timeout <time>", `how long it may take: 30s, 2m (default ${DEFAULT})`) },
    examples: [`devkit ${tool}-test 1`, `devkit ${tool}-test agent-2 --timeout 2m`],
    json: "{ index, name, tool, model: string|null, seconds }; a failure is an error with { agent, tool, reason, said } in its details",
    async run({ args, options, deps, shutdown }) {
      const timeoutMs = parseTimeout(options.timeout ?? DEFAULT, tool);
      const { testTool } = await import("../../../app/tools/test-tool.js");
      const needs = { ...(await deps.projectDeps()), host: deps.host };
      const passedEnv = (running: RunningAgent) => deps.passedEnv(running);
      const request = { tool, selector: args[0] ?? "", timeoutMs, passedEnv, signal: shutdown.signal };
      const data = await testTool(needs, request);
      const model = data.model ?? "its model";
      return {
        data,
        human: () => `${title} in ${data.name}: ${model} answered in ${data.seconds.toFixed(1)} s.`,
      };
    },
  });
}

function parseTimeout(text: string, tool: Tool): number {
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== undefined) return toDeadline(timeoutMs);
  throw new DevkitError("E_USAGE", `${JSON.stringify(text)} is not a time`, {
    hint: `for example: devkit ${tool}-test 1 --timeout 2m`,
  });
}
