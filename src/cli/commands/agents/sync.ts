import type { SyncedRef, SyncOutcome } from "../../../app/custody/sync-outcome.js";
import { defineCommand } from "../../command.js";

export const agentSync = defineCommand({
  path: "agent sync",
  summary: "Bring agents' commits to the host's branches",
  description:
    "Takes what agents committed into refs/heads/agent/<name>/ of the repository, every object checked, and gives agents what was committed on the host. " +
    "Where an agent has rewritten commits that nobody else has built on (amend, rebase), its branch moves and the old commits stay under refs/devkit/trash/<name>/. " +
    "`agent list`, `status` and `down` do the same first. Ends with 5 when a branch has commits of its own on both sides or cannot come home, or with 6 when other agents had no such trouble.",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {},
  examples: ["devkit agent sync", "devkit agent sync 2"],
  json: "{ agents: [{ index, name, updated: [{ ref, from: oid|null, to: oid, keptAs: ref|null }], given: [{ ref, from: oid, to: oid }] }] }",
  async run({ args, deps }) {
    const [{ syncAgents }, { requireSuccess }] = await Promise.all([
      import("../../../app/custody/sync-agents.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const project = await deps.projectDeps();
    const { synced, outcomes } = await syncAgents(project, args, deps.spec);
    requireSuccess(outcomes, 0);
    return {
      data: { agents: synced.map(toData) },
      human: () => (synced.length === 0 ? "No agents." : synced.map(toText).join("\n")),
    };
  },
});

function toData({ agent, updated, given }: SyncOutcome) {
  return {
    ...agent,
    updated: updated.map(({ ref, from, to, keptAs }) => ({
      ref,
      from: from ?? null,
      to,
      keptAs: keptAs ?? null,
    })),
    given: given.map(({ ref, from, to }) => ({ ref, from: from ?? null, to })),
  };
}

function toText({ agent, updated, given }: SyncOutcome): string {
  const news = [...updated.map(describe), ...given.map((one) => `got from the host: ${describe(one)}`)];
  return `${agent.name}: ${news.length === 0 ? "up to date" : news.join(", ")}`;
}

function describe({ ref, from, to, keptAs }: SyncedRef): string {
  const branch = ref.replace(/^refs\/heads\//, "");
  if (from === undefined) return `${branch} new at ${to.slice(0, 12)}`;
  const range = `${branch} ${from.slice(0, 12)}..${to.slice(0, 12)}`;
  return keptAs === undefined ? range : `${range} (rewritten; the old tip is ${keptAs})`;
}
