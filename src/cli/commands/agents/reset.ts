import type { ResetAgent } from "../../../app/custody/reset.js";
import { defineCommand, flag } from "../../command.js";
import type { OptionSpec } from "../../command.js";

const to: OptionSpec<string | undefined> = {
  flags: "--to <commit>",
  description: "a branch, ref or commit of the repository; by default where new agents start",
};

export const agentReset = defineCommand({
  path: "agent reset",
  summary: "Put agents' branches and files at another commit",
  description:
    "Brings the agents' commits home, then puts the branch each is on, its index and its files at a commit, inside the agent and on the host. " +
    "Refuses (5), and resets none, while one has uncommitted changes, untracked files, an operation in progress, commands running or commits that cannot come home; " +
    "with --force files are made a commit first. What no branch has afterwards is kept for 30 days below refs/devkit/trash/; files that git ignores stay.",
  arguments: [{ syntax: "<agent...>", description: "indexes or names", completes: "agents" }],
  options: {
    to,
    force: flag("--force", "also with unsaved files and running commands; the files are kept as a commit"),
  },
  examples: ["devkit agent reset 2", "devkit agent reset 2 3 --to main", "devkit agent reset 2 --force"],
  json: "{ agents: [{ index, name, ref, from: oid|null, to: oid, kept: [string] }] }",
  async run({ args, options, deps }) {
    const [{ resetAgents }, { requireSuccess }] = await Promise.all([
      import("../../../app/custody/reset.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const [project, { settings }] = await Promise.all([deps.projectDeps(), deps.config()]);
    const { reset, outcomes } = await resetAgents(project, {
      selectors: args,
      to: options.to ?? settings.project.base,
      force: options.force,
      spec: deps.spec,
      now: new Date(),
    });
    requireSuccess(outcomes, 0);
    return { data: { agents: reset.map(toData) }, human: () => reset.map(toText).join("\n") };
  },
});

function toData({ agent, ref, from, to: target, kept }: ResetAgent) {
  return { ...agent, ref, from: from ?? null, to: target, kept };
}

function toText({ agent, ref, to: target, kept }: ResetAgent): string {
  const back = kept.map((one) => `  kept for 30 days: devkit agent reset ${String(agent.index)} --to ${one}`);
  return [`${agent.name}: ${ref.replace(/^refs\/heads\//, "")} is at ${target.slice(0, 12)}`, ...back].join(
    "\n",
  );
}
