import { shellWord } from "../../base/shell-word.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { WorktreeRecord } from "../../domain/custody/worktree-list.js";
import { baseRef } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import { requireSuccess } from "../agents/outcome.js";
import { syncAgents } from "../custody/sync-agents.js";
import type { CopiedWorktree } from "../ports-health.js";
import { isAgent } from "../worktrees/observe.js";
import { failure, judged, REPAIR, warning, type Fault, type Look, type Looking } from "./check.js";
import { whileHeld } from "./while-held.js";

/** Worktrees that are no agent's in a container: git's, the user's, and those of agents without one. */
export async function lookAtWorktrees({ project, present, machine }: Looking): Promise<Look> {
  const deps = await project();
  const [{ all, recordOf }, copied, records] = await Promise.all([
    present(),
    machine.findCopied(deps.project.commonDir),
    deps.worktrees.list(),
  ]);
  const elsewhere = new Set(copied.map(({ worktree }) => worktree));
  const own = all.filter((one) => !isContained(one) && !elsewhere.has(pathOf(deps, one)));
  const faults = await Promise.all(own.map((one) => judgeWorktree(deps, one, recordOf(one.agent))));
  const known = new Set(all.map((one) => recordOf(one.agent)?.path));
  const lost = records.filter(({ path, reason = "" }) => reason.startsWith(OURS) && !known.has(path));
  const count = own.filter(({ worktree }) => worktree.registered).length;
  return judged(`${String(count)} without a container, whole`, [
    ...faults.flat(),
    ...copied.map(ofCopy),
    ...lost.filter(({ path }) => !elsewhere.has(path)).map(ofNobody),
  ]);
}

/** What the reason of every lock of ours starts with. */
const OURS = "devkit ";

/** A name is an agent's only as long as its state directory says so. */
function ofNobody({ path, reason = "" }: WorktreeRecord): Fault {
  const name = reason.slice(OURS.length);
  const word = shellWord(path);
  return warning(
    `${path} is the worktree of ${name}, of which nothing else is left`,
    `git worktree unlock ${word}; and, when nothing in it is needed any more: git worktree remove ${word}`,
  );
}

const isContained = (one: ObservedAgent) => isAgent(one) && one.state.runtime === "container";
const pathOf = ({ project }: SpawnDeps, { agent }: ObservedAgent) => agentPaths(project, agent).worktree;

async function judgeWorktree(
  deps: SpawnDeps,
  one: ObservedAgent,
  record: WorktreeRecord | undefined,
): Promise<Fault[]> {
  const { agent, worktree, state } = one;
  const place = pathOf(deps, one);
  if (!worktree.registered) {
    if (worktree.directory !== "files") return [];
    return (await deps.worktrees.isForgotten(place))
      ? [failure(`git does not know the worktree ${place}`, `devkit worktrees init ${String(agent.index)}`)]
      : [warning(`${place} has files in it and is no worktree`, `ls -la ${shellWord(place)}`)];
  }
  if (worktree.directory !== "files" && !worktree.linked) {
    if (state.runtime === "host")
      return [failure(`the worktree of ${agent.name} was deleted`, `devkit agent kill ${agent.name}`)];
    return [stale(agent, place, (await isKept(deps, record)) ? undefined : record?.head)];
  }
  if (!worktree.linked)
    return [
      failure(`${place} has lost its .git file`, `git worktree repair ${shellWord(place)}`, {
        action: `repair the worktree ${place}`,
        apply: ({ deps: act }) => whileHeld(act, () => act.worktrees.repair(place)),
      }),
    ];
  if (worktree.checkedOut) return [];
  // Files that no checkout was writing are somebody's.
  if (worktree.unfinished !== true && worktree.directory === "files")
    return [failure(`${place} has lost its index`, `git -C ${shellWord(place)} reset`)];
  return [unfinished(one, place)];
}

/** Whether its commits have a name besides the registration. */
async function isKept({ refs }: SpawnDeps, record: WorktreeRecord | undefined): Promise<boolean> {
  if (record === undefined || record.branch !== undefined) return true;
  const { head } = record;
  if (head === undefined || /^0+$/.test(head)) return true;
  return (await refs.countOwn([head], { except: undefined, commits: [] })) === 0;
}

/** `rescue`: a commit that only the registration has. */
function stale({ name }: AgentRef, place: string, rescue: string | undefined): Fault {
  const found = `the directory of the worktree ${place} is gone`;
  const prune = "devkit worktrees prune --apply";
  if (rescue !== undefined)
    return warning(
      `${found}, and nothing else has its commits`,
      `git branch ${name}-rescued ${rescue} && ${prune}`,
    );
  return warning(found, prune, {
    action: `let git forget the worktree ${place}`,
    apply: ({ deps }) =>
      whileHeld(deps, async () => {
        const { directory, linked } = await deps.worktrees.inspect(place);
        if (directory !== "files" && !linked) await deps.worktrees.unregister(place);
      }),
  });
}

function unfinished({ agent, state }: ObservedAgent, place: string): Fault {
  const fix = state.runtime === "host" ? REPAIR : `devkit worktrees init ${String(agent.index)}`;
  return failure(`the checkout of ${place} did not finish`, fix, {
    action: `finish the checkout of ${place}`,
    apply: ({ deps: act }) =>
      whileHeld(act, async () => {
        await act.worktrees.checkout(place, { trusted: true, modules: false, carried: undefined });
      }),
  });
}

/** Acting on such a registration would act on the other checkout's agent. */
function ofCopy({ id, worktree, owner }: CopiedWorktree): Fault {
  return failure(`${worktree} belongs to another checkout of this repository, ${owner}`, REPAIR, {
    action: `forget the copied registration ${id} of ${worktree}; the worktree stays as it is`,
    apply: ({ deps, machine }) => whileHeld(deps, () => machine.forgetCopied(deps.project.commonDir, id)),
  });
}

/** Agents' private git dirs, and what keeps what they borrow. */
export async function lookAtCustody({ project, present }: Looking): Promise<Look> {
  const deps = await project();
  const { agents, recordOf } = await present();
  const own = agents.filter(({ state }) => state.git);
  const faults = await Promise.all(own.map((one) => judgeGit(deps, one, recordOf(one.agent))));
  return judged("every commit of agents can come home", faults.flat());
}

async function judgeGit(
  deps: SpawnDeps,
  { agent }: ObservedAgent,
  record: WorktreeRecord | undefined,
): Promise<Fault[]> {
  const paths = agentPaths(deps.project, agent);
  const [refs, base, isPending] = await Promise.all([
    deps.state.readRefs(paths),
    deps.history.findRef(baseRef(agent)),
    deps.state.isSyncPending(paths),
  ]);
  const { name, index } = agent;
  const unreadable =
    refs === undefined
      ? [
          failure(
            `${name} has made its HEAD or refs unreadable, so none of its commits come home`,
            `devkit exec ${String(index)} -- git fsck`,
          ),
        ]
      : [];
  const head = record?.head;
  const lend =
    base === undefined && head !== undefined
      ? [
          failure(`git gc could remove commits that ${name} borrows: ${baseRef(agent)} is gone`, REPAIR, {
            action: `keep what ${name} borrows from git gc`,
            apply: ({ deps: act }) => act.locks.hold(`sync-${name}`, () => act.history.lend(agent, head)),
          }),
        ]
      : [];
  const sync = isPending
    ? [
        warning(`bringing commits of ${name} home was cut off`, `devkit agent sync ${String(index)}`, {
          action: `bring commits of ${name} home`,
          async apply({ deps: act }) {
            requireSuccess((await syncAgents(act, [name], act.spec)).outcomes, 0);
          },
        }),
      ]
    : [];
  return [...unreadable, ...lend, ...sync];
}
