import type { EndedWork } from "../../../app/agents/care-for-killed.js";
import type { TrashEntry } from "../../../domain/custody/trash.js";
import { agentPaths } from "../../../domain/identity/project.js";
import { relativePath } from "../../../output/views/spawn.js";
import { trashData } from "../../../output/views/trash.js";
import { defineCommand, flag } from "../../command.js";

export const agentKill = defineCommand({
  path: "agent kill",
  summary: "Remove agents; refuse while they have work that is nowhere else",
  description:
    "Brings the agents' commits home, then removes container, worktree, branches, home and private git dir. Refuses (5), and removes none, while one has uncommitted changes, " +
    "untracked files, commits neither merged nor pushed, stashes, a detached HEAD on no branch, an operation in progress or commands running besides its session. Its session ends, its tasks are pending again. " +
    "Everything goes to the trash for 30 days, with --force the unsaved work too: `agent restore` brings it back. Of a worktree without unsaved files only the files that git ignores are lost.",
  arguments: [{ syntax: "<agent...>", description: "indexes or names", completes: "agents" }],
  options: { force: flag("--force", "also with work that is nowhere else; it goes to the trash") },
  examples: ["devkit agent kill 3", "devkit agent kill 2 agent-3 --force"],
  json: "{ agents: [{ id, index, name, removed, expires, refs, keepsFiles, work: [string], restore, tmux_killed, worktree_removed, released_tasks: [id] }] }",
  async run({ args, options, deps }) {
    const [{ killAgents }, { careForKilled }, { finishAgents }, { requireSuccess }] = await Promise.all([
      import("../../../app/custody/kill.js"),
      import("../../../app/agents/care-for-killed.js"),
      import("../../../app/agents/finish-agents.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const [project, { settings }] = await Promise.all([deps.spawning(), deps.config()]);
    // A removal that was cut off is this command's own to end, and to tell.
    await finishAgents(project, new Date(), ({ kind }) => kind !== "kill");
    const care = await careForKilled(project);
    const { removed, outcomes } = await killAgents(project, {
      selectors: args,
      force: options.force,
      base: settings.project.base,
      spec: deps.spec,
      now: new Date(),
      care,
    });
    requireSuccess(outcomes, removed.length - outcomes.filter(({ error }) => error === undefined).length);
    const killed = removed.map((entry): Killed => ({
      entry,
      workspace: relativePath(agentPaths(project.project, entry.agent).worktree, project.project.root),
      ended: care.endedOf(entry.agent),
    }));
    return { data: { agents: killed.map(toData) }, human: () => killed.map(toText).join("\n") };
  },
});

interface Killed {
  readonly entry: TrashEntry;
  readonly workspace: string;
  readonly ended: EndedWork;
}

function toData({ entry, ended }: Killed) {
  return {
    ...trashData(entry),
    ...{ tmux_killed: ended.session !== undefined, worktree_removed: true, released_tasks: ended.tasks },
  };
}

function toText({ entry, workspace, ended }: Killed): string {
  const { name, restore, refs, expires, work } = trashData(entry);
  const had = work.length === 0 ? "" : ` with ${work.join(", ")}`;
  return [
    `Agent killed: ${name}`,
    ...ended.tasks.map((id) => `  Released task: ${id}`),
    `  Removed workspace: ${workspace}`,
    `  Kept in the trash until ${expires.slice(0, 10)}${had}: ${restore}; its commits: git log --oneline --glob='${refs}/*'`,
  ].join("\n");
}
