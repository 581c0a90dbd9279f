import type { SyncOutcome } from "../../../app/custody/sync.js";
import { defineCommand } from "../../command.js";

export const agentSync = defineCommand({
  path: "agent sync",
  summary: "Bring agents' commits to the host's branches",
  description:
    "Fetches what agents committed into refs/heads/agent/<name>/ of the repository, every object checked, fast-forward only. " +
    "`agent list`, `status` and `down` do the same first. Ends with 5 when a branch has commits of its own on both sides, or with 6 when other agents had no such trouble.",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {},
  examples: ["devkit agent sync", "devkit agent sync 2"],
  json: "{ agents: [{ index, name, updated: [{ ref, from: oid|null, to: oid }] }] }",
  async run({ args, deps }) {
    const [{ syncAgents }, { requireSuccess }] = await Promise.all([
      import("../../../app/custody/sync-agents.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const project = await deps.projectDeps();
    const { synced, outcomes } = await syncAgents(project, args, async (agent) =>
      (await deps.specOf())(agent),
    );
    requireSuccess(outcomes, 0);
    return {
      data: { agents: synced.map(toData) },
      human: () => (synced.length === 0 ? "No agents." : synced.map(toText).join("\n")),
    };
  },
});

function toData({ agent, updated }: SyncOutcome) {
  return { ...agent, updated: updated.map(({ ref, from, to }) => ({ ref, from: from ?? null, to })) };
}

function toText({ agent, updated }: SyncOutcome): string {
  if (updated.length === 0) return `${agent.name}: up to date`;
  const refs = updated.map(({ ref, from, to }) => {
    const range =
      from === undefined ? `new at ${to.slice(0, 12)}` : `${from.slice(0, 12)}..${to.slice(0, 12)}`;
    return `${ref.replace(/^refs\/heads\//, "")} ${range}`;
  });
  return `${agent.name}: ${refs.join(", ")}`;
}
