import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { LentHistory, PrivateModule } from "../../domain/custody/private-git.js";
import { replacedRef, toStamp } from "../../domain/custody/trash.js";
import { baseRef, detachedRef } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { History, ProjectDeps } from "../ports.js";
import type { LentModule } from "../ports-modules.js";
import { moduleMemory } from "./sync-modules.js";

/** A submodule of the primary with what it lends; `head`: where the primary has it. */
interface ReadyModule extends LentModule {
  readonly lent: LentHistory;
  readonly head: string;
}

type Needs = Pick<ProjectDeps, "project" | "history" | "worktrees" | "state">;

/** What every agent's submodules borrow; one that has no commit is left out. */
export async function lendModules({ history }: Needs): Promise<ReadyModule[]> {
  const ready = await Promise.all(
    (await history.modules()).map(async (module) => {
      const head = await module.history.requireCommit("HEAD").catch(() => undefined);
      return head === undefined ? undefined : { ...module, head, lent: await module.history.lent(head) };
    }),
  );
  return ready.filter((module) => module !== undefined);
}

/** The git dirs of an agent's submodules: those checked out, and those it may need on another branch. */
export async function takeModules(
  { project, worktrees, state }: Needs,
  agent: AgentRef,
  modules: readonly ReadyModule[],
): Promise<PrivateModule[]> {
  if (modules.length === 0) return [];
  const paths = agentPaths(project, agent);
  const checkouts = await worktrees.findModuleCheckouts(paths.worktree);
  return Promise.all(
    modules.map(async ({ at, head, lent, history }): Promise<PrivateModule> => {
      const checkout = checkouts.find((one) => one.at === at);
      const oid = checkout?.oid ?? head;
      await hold(history, agent, oid);
      // Both sides start out agreed: a HEAD that jumps away from here is followed.
      await state.setLastSynced(moduleMemory(paths, at), new Map([[detachedRef(agent), [oid]]]));
      return { at, git: { branch: undefined, oid, lent }, indexFile: checkout?.indexFile };
    }),
  );
}

/** The host's garbage collection must not take what is borrowed, and sync has nothing to do until there is a commit. */
async function hold(history: History, agent: AgentRef, oid: string): Promise<void> {
  await history.setRef(baseRef(agent), oid);
  const to = detachedRef(agent);
  const hostOid = await history.findRef(to);
  // An agent's earlier git dir is gone: as when its HEAD jumps, what only this ref had is kept.
  const update = { from: "HEAD", to, oid, hostOid, agreed: hostOid === undefined ? [] : [hostOid] };
  const keepAs = (ref: string, left: string) => replacedRef(agent, toStamp(new Date()), ref, left);
  const [moved] = await history.moveRefs({ updates: [update], held: new Map(), keepAs });
  if (moved?.result === "refused") throw new DevkitError("E_GIT", `${to} cannot move: ${moved.reason}`);
}
