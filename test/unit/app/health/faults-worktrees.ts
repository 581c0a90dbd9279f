import path from "node:path";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { baseRef } from "../../../../src/domain/identity/names.js";
import type { HealthStand } from "../../support/health-stand.js";
import type { PlantedFault } from "../../support/planted-fault.js";
import { specOf } from "../../support/things.js";
import { containerOf, GONE, worktreeOf } from "./planted.js";

/** A worktree that was made without an agent, and what is the matter with it. */
function plainWorktree({ world: { git } }: HealthStand, files: Partial<Parameters<typeof git.files.set>[1]>) {
  const place = worktreeOf(agentAt(5));
  git.registered.set(place, "agent/agent-5/idle");
  git.refs.set("refs/heads/agent/agent-5/idle", git.commits[0] ?? "");
  git.files.set(place, { directory: "files", linked: true, checkedOut: true, ...files });
}

/** What killed processes, and people who help themselves, do to agents and worktrees. */
export const WORKTREE_FAULTS: readonly PlantedFault[] = [
  {
    check: "unfinished",
    fault: "the process that removed an agent was killed",
    async plant({ journal, dead }) {
      await journal.begin({ kind: "kill", agent: GONE });
      dead.add(GONE.name);
    },
    found: /removing agent-9 was cut off/,
    fix: /^devkit repair --apply$/,
    action: /end or take back what was cut off/,
  },
  {
    check: "unfinished",
    fault: "a removal was begun, and nobody is at it",
    async plant({ world: { trash } }) {
      const entry = {
        id: "agent-2-20260102T030405Z",
        agent: agentAt(2),
        branch: undefined,
        commit: undefined,
      };
      await trash.begin({ ...entry, keepsFiles: false, work: [] });
    },
    found: /removing agent-2 was cut off/,
    fix: /^devkit repair --apply$/,
    action: /finish removals and restores/,
  },
  {
    check: "locks",
    fault: "their holder is dead",
    plant(stand) {
      const { locks } = stand.world;
      let isStale = true;
      stand.deps = {
        locks: {
          ...locks,
          stale: () => Promise.resolve(isStale ? ["agents"] : []),
          async hold(name, work) {
            if (name === "agents") isStale = false;
            return locks.hold(name, work);
          },
        },
      };
    },
    found: /^agents of a dead process/,
    fix: /^devkit repair --apply$/,
    action: /^take over and free the locks agents$/,
  },
  {
    check: "worktrees",
    fault: "one was deleted by hand",
    plant: (stand) => {
      plainWorktree(stand, { directory: "absent", linked: false, checkedOut: false });
    },
    found: /the directory of the worktree .*agent-5 is gone/,
    fix: /^devkit worktrees prune --apply$/,
    action: /^let git forget the worktree/,
  },
  {
    check: "worktrees",
    fault: "one has lost its .git file",
    plant: (stand) => {
      plainWorktree(stand, { linked: false });
    },
    found: /agent-5 has lost its \.git file/,
    fix: /^git worktree repair .*agent-5$/,
    action: /^repair the worktree/,
  },
  {
    check: "worktrees",
    fault: "the checkout of one was cut off",
    plant(stand) {
      plainWorktree(stand, { checkedOut: false, unfinished: true });
      const { worktrees, ...git } = { ...stand.world.git };
      stand.deps = {
        worktrees: {
          ...worktrees,
          async checkout(place, options) {
            const report = await worktrees.checkout(place, options);
            git.files.set(place, { directory: "files", linked: true, checkedOut: true });
            return report;
          },
        },
      };
    },
    found: /the checkout of .*agent-5 did not finish/,
    fix: /^devkit worktrees init 5$/,
    action: /^finish the checkout/,
  },
  {
    check: "worktrees",
    fault: "files stand where one would be",
    plant({ world: { git } }) {
      git.files.set(worktreeOf(agentAt(5)), { directory: "files", linked: false, checkedOut: false });
    },
    found: /agent-5 has files in it and is no worktree/,
    fix: /^ls -la /,
    undo: ({ world: { git } }) => git.files.delete(worktreeOf(agentAt(5))),
  },
  {
    check: "worktrees",
    fault: "git has forgotten one",
    plant({ world: { git } }) {
      git.files.set(worktreeOf(agentAt(5)), { directory: "files", linked: true, checkedOut: true });
    },
    found: /git does not know the worktree .*agent-5/,
    fix: /^devkit worktrees init 5$/,
    undo: ({ world: { git } }) => git.registered.set(worktreeOf(agentAt(5)), "agent/agent-5/idle"),
  },
  {
    check: "worktrees",
    fault: "one is an agent's whose name nothing gives it any more",
    plant(stand) {
      const { worktrees } = stand.world.git;
      const lost = {
        path: "/src/demo/.devkit/agents/docs",
        head: "1",
        branch: "agent/docs/idle",
        locked: true,
      };
      const list = async () => [...(await worktrees.list()), { ...lost, reason: "devkit docs" }];
      stand.deps = { worktrees: { ...worktrees, list } };
    },
    found: /agents\/docs is the worktree of docs, of which nothing else is left/,
    fix: /^git worktree unlock .*docs; .* git worktree remove .*docs$/,
    undo: (stand) => (stand.deps = {}),
  },
  {
    check: "worktrees",
    fault: "one is another checkout's",
    plant({ machine }) {
      const copy = {
        id: "agent-5",
        worktree: "/src/original/.devkit/agents/agent-5",
        owner: "/src/original/.git",
      };
      machine.copied.set(copy.id, copy);
    },
    found: /belongs to another checkout of this repository, \/src\/original/,
    fix: /^devkit repair --apply$/,
    action: /^forget the copied registration agent-5 .*stays as it is/,
  },
  {
    check: "containers",
    fault: "one has no agent any more",
    async plant({ world: { engine } }) {
      await engine.createContainer({ ...specOf(GONE), network: undefined });
    },
    found: /the container devkit-.*-agent-9 has no worktree/,
    fix: /^docker rm -f devkit-.*-agent-9$/,
    action: /^remove the container devkit-.*-agent-9$/,
  },
  {
    check: "containers",
    fault: "a helper was left by a devkit that was killed",
    plant: ({ world: { engine } }) => engine.leftHelpers.set("h1", "agent-1-helper-0a1b2c3d"),
    found: /agent-1-helper-0a1b2c3d was left/,
    fix: /^docker rm -f .*-helper-0a1b2c3d$/,
    action: /^remove the container .*-helper-0a1b2c3d$/,
  },
  {
    check: "agents",
    fault: "one has no private git dir",
    plant: ({ world: { state } }) => state.gits.delete("agent-2"),
    found: /^not whole: agent-2: it has no private git dir$/,
    fix: /^devkit agent up agent-2$/,
    verdict: "failed",
    action: /^bring agent-2 up$/,
  },
  {
    check: "agents",
    fault: "the worktree of one was deleted",
    plant({ world: { git } }) {
      git.files.set(worktreeOf(agentAt(1)), { directory: "absent", linked: false, checkedOut: false });
    },
    found: /^not whole: agent-1: its worktree was deleted$/,
    fix: /^devkit agent up 1$/,
    action: /^bring agent-1 up$/,
  },
  {
    check: "agents",
    fault: "one was never started",
    plant({ world }) {
      containerOf(world, "agent", "agent-1").state = "created";
    },
    found: /^not whole: agent-1: its container is created$/,
    fix: /^devkit agent up 1$/,
    action: /^bring agent-1 up$/,
  },
  {
    check: "custody",
    fault: "git gc could remove what one borrows",
    plant: ({ world: { git } }) => git.refs.delete(baseRef(agentAt(1))),
    found: /refs\/devkit\/base\/agent-1 is gone/,
    fix: /^devkit repair --apply$/,
    verdict: "failed",
    action: /^keep what agent-1 borrows from git gc$/,
  },
  {
    check: "custody",
    fault: "one has made its HEAD unreadable",
    plant(stand) {
      stand.deps = { state: { ...stand.world.state, readRefs: () => Promise.resolve(undefined) } };
      stand.world.state.homes.delete("agent-2");
      stand.world.state.gits.delete("agent-2");
      stand.world.git.files.delete(worktreeOf(agentAt(2)));
      stand.world.git.registered.delete(worktreeOf(agentAt(2)));
      stand.world.engine.containers.delete(containerOf(stand.world, "agent", "agent-2").id);
    },
    found: /agent-1 has made its HEAD or refs unreadable/,
    fix: /^devkit exec 1 -- git fsck$/,
    undo: (stand) => (stand.deps = {}),
  },
  {
    check: "custody",
    fault: "a sync was cut off",
    plant: ({ world: { state } }) => state.pending.add("agent-1"),
    found: /bringing commits of agent-1 home was cut off/,
    fix: /^devkit agent sync 1$/,
    action: /^bring commits of agent-1 home$/,
  },
  {
    check: "homes",
    fault: "one lies open",
    plant(stand) {
      let isOpen = true;
      const findLoose = (paths: { readonly state: string }, { fix }: { readonly fix: boolean }) => {
        const loose = isOpen && path.basename(paths.state) === "agent-1";
        if (fix) isOpen = false;
        return Promise.resolve(loose ? [{ path: ".", mode: 0o755, widest: 0o700 }] : []);
      };
      stand.deps = { homeCare: { ...stand.world.deps.homeCare, findLoose } };
    },
    found: /^open to other users: agent-1: its home \(755, not 700\)$/,
    fix: /^devkit agent up 1$/,
    action: /^close homes to other users$/,
  },
];
