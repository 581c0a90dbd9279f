import { shellWord } from "../../base/shell-word.js";
import { countOf } from "../../base/plural.js";
import { isLive, type ObservedAgent } from "../../domain/agents/observed.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { agentPaths } from "../../domain/identity/project.js";
import { isAgent } from "../worktrees/observe.js";
import { finishAgents } from "../agents/finish-agents.js";
import { finishTrash } from "../custody/finish-trash.js";
import {
  bringingUp,
  failure,
  judged,
  REPAIR,
  warning,
  type Acting,
  type Fault,
  type Look,
  type Looking,
} from "./check.js";
import { isOrphan } from "./find-present.js";
import { whileHeld } from "./while-held.js";

/** What killed processes were in the middle of with single agents, with the trash and with homes. */
export async function lookAtUnfinished({ project }: Looking): Promise<Look> {
  const deps = await project();
  const [left, underWay, items, swaps] = await Promise.all([
    deps.journal.left(),
    deps.journal.list(),
    deps.trash.list(),
    deps.homeSwaps.pending(deps.project),
  ]);
  const agents = left.map(({ kind, agent }) =>
    warning(`${DOING[kind]} ${agent.name} was cut off`, REPAIR, {
      action: "end or take back what was cut off with single agents",
      apply: ({ deps: act, machine }) => finishAgents(act, machine.now()),
    }),
  );
  // Those of a process that lives are no fault, and those of a dead one end with the rest of it.
  const begun = new Set(underWay.map(({ agent }) => agent.name));
  const pending = items.filter(({ stage, entry }) => stage !== "kept" && !begun.has(entry.agent.name));
  const finish = { action: "finish removals and restores that were cut off", apply: finishHeld };
  return judged("nothing was cut off", [
    ...agents,
    ...pending.map(({ stage, entry }) => warning(`${stage} ${entry.agent.name} was cut off`, REPAIR, finish)),
    ...swaps.map(({ agent }) => warning(`giving ${agent.name} another home was cut off`, REPAIR, finish)),
  ]);
}

const DOING = { spawn: "making", assign: "giving a task to", kill: "removing" } as const;

const finishHeld = ({ deps }: Acting) =>
  whileHeld(deps, async () => {
    await finishTrash(deps);
  });

/** Agents of which something is missing that `agent up` makes again. */
export async function lookAtAgents({ present, project, machine }: Looking): Promise<Look> {
  const { project: place } = await project();
  const agents = (await present()).agents.filter((one) => isAgent(one));
  const copied = new Set((await machine.findCopied(place.commonDir)).map(({ worktree }) => worktree));
  const faults = agents.flatMap((one): Fault[] => {
    const { agent } = one;
    // What another checkout has is told of with the worktrees, and nothing to be brought up here.
    const why = copied.has(agentPaths(place, agent).worktree) ? undefined : findGap(one);
    return why === undefined
      ? []
      : [failure(`not whole: ${agent.name}: ${why}`, upCommand([agent]), bringingUp(agent))];
  });
  return judged(`${countOf(agents.length, "agent")}, whole`, faults);
}

function findGap({ worktree, state, container }: ObservedAgent): string | undefined {
  // Its worktree is a plain one; git and the user look after that.
  if (state.runtime === "host") return undefined;
  if (!worktree.registered) return "git does not know its worktree";
  if (worktree.directory === "absent") return "its worktree was deleted";
  if (!worktree.linked) return "its worktree has no .git file, or one that leads elsewhere";
  if (!worktree.checkedOut) return "its checkout did not finish, or its index is lost";
  if (!state.git) return "it has no private git dir";
  if (!state.home) return "it has no home";
  // Being stopped is no fault; these are no state that anybody leaves an agent in.
  if (container?.state === "dead" || container?.state === "created")
    return `its container is ${container.state}`;
  return undefined;
}

/** Containers of which nothing else is left, and helpers that killed processes left. */
export async function lookAtContainers({ project, present }: Looking): Promise<Look> {
  const deps = await project();
  const [{ all, names }, containers, helpers] = await Promise.all([
    present(),
    deps.engine.listContainers("agent", deps.project.id),
    deps.engine.listLeftHelpers(deps.project.id),
  ]);
  const orphans = all.filter((one) => isOrphan(one) && !names.has(one.agent.name));
  const known = new Set(all.map(({ agent }) => agent.name));
  const strangers = containers.filter(({ agentName }) => !known.has(agentName) && !names.has(agentName));
  const ids = [...orphans.flatMap(({ container }) => container ?? []), ...strangers];
  return judged("each has its agent", [
    ...ids.map(({ id, name, state }) => ofNobody(id, name, isLive({ state }))),
    ...helpers.map(({ id, name }) => ofKilled(id, name)),
  ]);
}

function ofNobody(id: string, name: string, live: boolean): Fault {
  return warning(`the container ${name} has no worktree, home or git dir any more`, `docker rm -f ${name}`, {
    action: `remove the container ${name}`,
    apply: ({ deps }) =>
      whileHeld(deps, async ({ all, names }) => {
        const own = all.find(({ container }) => container?.id === id);
        if (own !== undefined && (!isOrphan(own) || names.has(own.agent.name))) return;
        // Whoever is in it may have nothing else left to save what they are at.
        if (live && (await deps.engine.countExecs(id)) > 0)
          deps.progress.warn(`${name} stays: commands run in it; when they may end: docker rm -f ${name}`);
        else await deps.engine.removeContainer(id);
      }),
  });
}

/** Its process is dead, so that nobody waits for what runs in it. */
function ofKilled(id: string, name: string): Fault {
  return warning(`${name} was left by a devkit that was killed`, `docker rm -f ${shellWord(name)}`, {
    action: `remove the container ${name}`,
    apply: ({ deps }) => deps.engine.removeContainer(id),
  });
}
