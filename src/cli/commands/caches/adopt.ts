import type { AdoptResult } from "../../../app/caches/adopt-cache.js";
import { formatSize } from "../../../base/sizes.js";
import { defineCommand, flag } from "../../command.js";
import { toolOption, toolsOf } from "./tool-option.js";

export const cacheAdopt = defineCommand({
  path: "cache adopt",
  summary: "Make what an agent has downloaded part of the base of all",
  description:
    "What is in the base is what layered caches of all agents start with, and only this command puts anything there: builds run what they find in caches, so adopt from agents you trust. " +
    "Regular files and directories are copied, never links. The agent must not run. Agents have the new base from their next start on.",
  arguments: [{ syntax: "<agent>", description: "index or name", completes: "agents" }],
  options: {
    tool: toolOption,
    apply: flag("--apply", "adopt it; without it nothing is changed"),
  },
  examples: ["devkit cache adopt 1", "devkit cache adopt agent-2 --tool maven --apply"],
  json: "{ applied, index, name, tools: [{ tool, files, bytes, leftOut }] }",
  async run({ args, options, deps }) {
    const { adoptCache } = await import("../../../app/caches/adopt-cache.js");
    const result = await adoptCache(await deps.projectDeps(), {
      selector: args[0] ?? "",
      tools: toolsOf(options.tool),
      apply: options.apply,
    });
    return {
      data: { applied: options.apply, ...result.agent, tools: result.tools },
      human: () => toText(result, options.apply),
    };
  },
});

function toText({ agent, tools }: AdoptResult, applied: boolean): string {
  if (tools.length === 0) return `${agent.name} has nothing on top of the base.`;
  const lines = tools.map(({ tool, files, bytes, leftOut }) => {
    const rest = leftOut === 0 ? "" : `; ${String(leftOut)} entries left out`;
    return `${tool}  ${applied ? "adopted" : "would be adopted"}: ${String(files)} files, ${formatSize(bytes)}${rest}`;
  });
  return [...lines, ...(applied ? [] : ["To adopt it: add --apply"])].join("\n");
}
