import { DevkitError } from "../../../base/errors.js";
import { keptHomeData, trashData, trashTable } from "../../../output/views/trash.js";
import { isOnHost } from "../../../app/host-runtime/is-on-host.js";
import type { ProjectDeps } from "../../../app/ports.js";
import type { AgentRef } from "../../../domain/agents/agent.js";
import { upCommand } from "../../../domain/agents/up-command.js";
import { agentPaths } from "../../../domain/identity/project.js";
import { relativePath } from "../../../output/views/spawn.js";
import { defineCommand, flag } from "../../command.js";

export const agentRestore = defineCommand({
  path: "agent restore",
  summary: "Bring a removed agent back, or list what can be",
  description:
    "Brings an agent back from the trash as it was: worktree, branches, stashes, home, private git dir and what it was in the middle of. It is not started. " +
    "A name stands for the newest of that name. Without an argument lists what is in the trash. " +
    "The id of a home that `agent home reset` put there gives it back to its agent, which must not run; the home it has now goes to the trash.",
  arguments: [{ syntax: "[agent]", description: "index, name, or id of the trash" }],
  options: { list: flag("-l, --list", "only list what is in the trash") },
  examples: [
    "devkit agent restore",
    "devkit agent restore 3",
    "devkit agent restore agent-3-20260102T030405Z",
  ],
  json: "{ restored: { id, index, name, removed, expires, refs, keepsFiles, work: [string], restore }|null, trash: [{ …the same, bytes }], restoredHome: { id, index, name, removed, expires, restore, replaced }|null, homes: [{ id, index, name, removed, expires, restore, bytes }] }",
  async run({ args, options, deps }) {
    const [{ listTrash, restoreAgent }, { listHomes, restoreHome }] = await Promise.all([
      import("../../../app/custody/restore.js"),
      import("../../../app/identity/restore-home.js"),
    ]);
    const project = await deps.projectDeps();
    const [selector] = args;
    if (selector !== undefined && options.list) {
      throw new DevkitError("E_USAGE", "--list names everything in the trash and takes no agent", {
        hint: "devkit agent restore --list",
      });
    }
    const home = selector === undefined ? undefined : await restoreHome(project, selector, new Date());
    const restored =
      selector === undefined || home !== undefined ? undefined : await restoreAgent(project, selector);
    const [trash, homes] = await Promise.all([listTrash(project), listHomes(project)]);
    const next = restored === undefined ? "" : await nextStep(project, restored.agent);
    return {
      data: {
        restored: restored === undefined ? null : trashData(restored),
        trash: trash.map(({ entry, bytes }) => ({ ...trashData(entry), bytes })),
        restoredHome: home === undefined ? null : { ...keptHomeData(home.home), replaced: home.replaced },
        homes: homes.map((one) => ({ ...keptHomeData(one.home), bytes: one.bytes })),
      },
      human: () => {
        if (home !== undefined)
          return `${home.home.agent.name} has that home again; the one it had is now ${home.replaced}. Start it: ${upCommand([home.home.agent])}`;
        return restored === undefined ? trashTable(trash, homes) : `${restored.agent.name} is back. ${next}`;
      },
    };
  },
});

/** One without a container needs no start. */
async function nextStep(deps: ProjectDeps, agent: AgentRef): Promise<string> {
  if (!(await isOnHost(deps, agent))) return `Start it: ${upCommand([agent])}`;
  const { project } = deps;
  return `It is in ${relativePath(agentPaths(project, agent).worktree, project.root)}`;
}
