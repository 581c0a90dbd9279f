import type { TrashEntry } from "../../../domain/custody/trash.js";
import { trashData } from "../../../output/views/trash.js";
import { defineCommand, flag } from "../../command.js";

export const agentKill = defineCommand({
  path: "agent kill",
  summary: "Remove agents; refuse while they have work that is nowhere else",
  description:
    "Brings the agents' commits home, then removes container, worktree, branches, home and private git dir. Refuses (5), and removes none, while one has uncommitted changes, " +
    "untracked files, commits neither merged nor pushed, stashes, a detached HEAD on no branch, an operation in progress or commands running. " +
    "Everything goes to the trash for 30 days, with --force the unsaved work too: `agent restore` brings it back. Of a worktree without unsaved files only the files that git ignores are lost.",
  arguments: [{ syntax: "<agent...>", description: "indexes or names", completes: "agents" }],
  options: { force: flag("--force", "also with work that is nowhere else; it goes to the trash") },
  examples: ["devkit agent kill 3", "devkit agent kill 2 agent-3 --force"],
  json: "{ agents: [{ id, index, name, removed, expires, refs, keepsFiles, work: [string], restore }] }",
  async run({ args, options, deps }) {
    const [{ killAgents }, { requireSuccess }] = await Promise.all([
      import("../../../app/custody/kill.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const [project, { settings }] = await Promise.all([deps.projectDeps(), deps.config()]);
    const { removed, outcomes } = await killAgents(project, {
      selectors: args,
      force: options.force,
      base: settings.project.base,
      spec: deps.spec,
      now: new Date(),
    });
    requireSuccess(outcomes, removed.length - outcomes.filter(({ error }) => error === undefined).length);
    return { data: { agents: removed.map(trashData) }, human: () => removed.map(toText).join("\n") };
  },
});

function toText(entry: TrashEntry): string {
  const { name, restore, refs, expires, work } = trashData(entry);
  const had = work.length === 0 ? "" : ` with ${work.join(", ")}`;
  return `${name} removed${had}. Until ${expires.slice(0, 10)}: ${restore}; its commits: git log --oneline --glob='${refs}/*'`;
}
