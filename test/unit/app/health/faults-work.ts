import { DevkitError } from "../../../../src/base/errors.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import type { PlantedFault } from "../../support/planted-fault.js";
import { PROJECT, specOf } from "../../support/things.js";
import { GONE, plantClaim } from "./planted.js";

/** What killed processes leave of sessions, tasks, ports, caches, and other repositories. */
export const WORK_FAULTS: readonly PlantedFault[] = [
  {
    check: "sessions",
    fault: "one shows an agent that is gone",
    plant({ sessions }) {
      const session = { agent: GONE.name, name: "devkit-agent-9", attached: 0, state: "running" } as const;
      sessions.running.set(GONE.name, { ...session, exitCode: undefined, signal: undefined, pid: 1 });
    },
    found: /the session devkit-agent-9 shows agent-9, which is gone/,
    fix: /^tmux kill-session -t =devkit-agent-9$/,
    action: /^end the session devkit-agent-9$/,
  },
  {
    check: "sessions",
    fault: "there is no tmux",
    plant: ({ sessions }) => (sessions.isThere = false),
    found: /tmux is not installed/,
    fix: /^sudo apt-get install tmux$/,
    verdict: "warning",
    undo: ({ sessions }) => (sessions.isThere = true),
  },
  {
    check: "tasks",
    fault: "the clock was ahead when one was claimed",
    plant: (stand) =>
      plantClaim(stand, {
        agent: "agent-1",
        expiresAt: new Date(stand.pool.now + 1000 * 3_600_000).toISOString(),
      }),
    found: /agent-1's claim of TSK-1 holds until/,
    fix: /^devkit task release TSK-1 --force$/,
    action: /claim of TSK-1 end as one made now/,
  },
  {
    check: "tasks",
    fault: "an agent that is gone has one",
    plant: (stand) => plantClaim(stand, {}),
    found: /TSK-1: agent-9, which has it, is no agent any more/,
    fix: /^devkit task release TSK-1 --force$/,
    action: /^give TSK-1 back to the pool$/,
  },
  {
    check: "tasks",
    fault: "an agent of another machine has one, and its lease is over",
    plant: (stand) =>
      plantClaim(stand, { agent: "agent-1", host: "other", expiresAt: "2026-01-01T00:00:00Z" }),
    found: /TSK-1: agent-1 on other has not renewed its claim/,
    fix: /^devkit task release TSK-1 --force$/,
    action: /^give TSK-1 back to the pool$/,
  },
  {
    check: "tasks",
    fault: "a file cannot be read",
    plant: ({ pool }) => pool.write("TSK-7", "{ broken"),
    found: /^TSK-7 /,
    fix: /^\$EDITOR .*refs\/tasks\/TSK-7$/,
    verdict: "failed",
    undo: ({ pool }) =>
      pool.write("TSK-7", {
        title: "t",
        status: "pending",
        priority: "p1",
        created_at: "2026-01-01T00:00:00Z",
      }),
  },
  {
    check: "ports",
    fault: "they are kept for an agent that is gone",
    plant({ world: { ports } }) {
      const block = { first: 30_000, size: 10, project: PROJECT.id, agent: GONE.name, root: PROJECT.root };
      ports.blocks = [...ports.blocks, block];
    },
    found: /ports 30000-30009 are kept for agent-9, which is gone/,
    fix: /^devkit repair --apply$/,
    action: /^free the ports 30000-30009 of agent-9$/,
  },
  {
    check: "ports",
    fault: "they are kept for a repository that is gone",
    plant(stand) {
      const { ports, host } = stand.world;
      const block = { first: 30_000, size: 10, project: "other", agent: "agent-1", root: "/src/other" };
      ports.blocks = [...ports.blocks, block];
      stand.needs.host = { ...host, isGone: (place) => Promise.resolve(place === "/src/other") };
    },
    found: /ports are kept for agents of \/src\/other, which is gone/,
    fix: /^devkit repair --apply$/,
    action: /^free the ports of agents of \/src\/other$/,
  },
  {
    check: "ports",
    fault: "the registry cannot be read",
    plant({ world: { ports } }) {
      ports.broken = new DevkitError("E_PORT_REGISTRY", "not JSON", { hint: "rm it" });
    },
    found: /not JSON/,
    fix: /^rm it$/,
    undo: ({ world: { ports } }) => (ports.broken = undefined),
  },
  {
    check: "leftovers",
    fault: "another checkout of the repository is gone, and its containers are not",
    async plant(stand) {
      const { engine, host } = stand.world;
      const spec = specOf(GONE);
      const labels = { ...spec.labels, [LABELS.root]: "/src/moved", [LABELS.project]: "moved-1" };
      await engine.createContainer({ ...spec, labels, network: undefined });
      stand.needs.host = { ...host, isGone: (place) => Promise.resolve(place === "/src/moved") };
    },
    found: /devkit-.*-agent-9: the repository is gone/,
    fix: /^docker rm -f devkit-.*-agent-9$/,
    action: /^remove the container devkit-.*-agent-9$/,
  },
  {
    check: "caches",
    fault: "one's are gone",
    plant: ({ world: { caches } }) => caches.made.delete("agent-1"),
    found: /^caches of agent-1: /,
    fix: /^devkit agent up 1$/,
    action: /^bring agent-1 up$/,
  },
  {
    check: "caches",
    fault: "a volume has lost its container",
    plant: ({ world: { engine } }) =>
      void engine.volumes.push({ name: "loose", agentName: GONE.name, root: PROJECT.root }),
    found: /the volume loose has no container any more/,
    fix: /^docker volume rm loose$/,
    action: /^remove volumes of containers that are gone$/,
  },
  {
    check: "caches",
    fault: "agents have put other things among them",
    plant(stand) {
      stand.deps = { caches: { ...stand.world.caches, listStrays: () => Promise.resolve(["x"]) } };
    },
    found: /^1 entries among the shared caches are none$/,
    fix: /^devkit cache prune --apply$/,
    undo: (stand) => (stand.deps = {}),
  },
];
