import { bringUp } from "../../../src/app/agents/up.js";
import type { SpawnDeps } from "../../../src/app/agents/spawn-deps.js";
import { startStack } from "../../../src/app/egress/stack.js";
import { CHECKS } from "../../../src/app/health/checks.js";
import type { Acting, Check, Looking } from "../../../src/app/health/check.js";
import { toFindings } from "../../../src/app/health/examine.js";
import { createLooking, type LookingNeeds } from "../../../src/app/health/looking.js";
import { repairAll, type Repaired } from "../../../src/app/health/repair.js";
import { buildImages } from "../../../src/app/images/build-images.js";
import type { Engine } from "../../../src/app/ports-engine.js";
import type { AgentJournal } from "../../../src/app/ports-spawn.js";
import type { Finding } from "../../../src/domain/health/finding.js";
import { DEFAULT_SETTINGS, type Settings } from "../../../src/domain/settings/settings.js";
import { createFakeJournal, createFakeNotices } from "../fakes/journal.js";
import { createFakeMachine, type FakeMachine } from "../fakes/machine.js";
import { createFakeSessions, type FakeSessions } from "../fakes/sessions.js";
import { createFakeSsh, type FakeSsh } from "../fakes/ssh.js";
import { createWorld, type World } from "../fakes/world.js";
import { createPool, type TestPool } from "./pool.js";

/** What a command in an agent answers: exit code and text. */
export type InsideAnswer = readonly [exitCode: number, text: string];

/** Two agents that are as they should be, what doctor and repair look at them with, and what tests do to it. */
export interface HealthStand {
  readonly world: World;
  readonly machine: FakeMachine;
  readonly sessions: FakeSessions;
  readonly ssh: FakeSsh;
  readonly pool: TestPool;
  readonly journal: AgentJournal;
  /** Names of agents of which the process that was at work on them is dead. */
  readonly dead: Set<string>;
  /** Parts that are others than the world's. */
  deps: Partial<SpawnDeps>;
  needs: { -readonly [K in keyof LookingNeeds]?: LookingNeeds[K] };
  engine: Partial<Engine>;
  settings: Settings;
  /** Answers of commands in agents, by a part of the script; the first that fits. */
  readonly inside: Map<string, InsideAnswer>;
  look(this: void): Looking;
  doctor(checks?: readonly Check[]): Promise<Finding[]>;
  /** What one check found that is wrong. */
  troubles(check: string, checks?: readonly Check[]): Promise<Finding[]>;
  repair(options: { apply: boolean; checks?: readonly Check[] }): Promise<Repaired>;
}

const { signal } = new AbortController();

/** `count`: agents 1..N are brought up first. */
export async function createHealthStand(count = 2): Promise<HealthStand> {
  const world = createWorld();
  const pool = await createPool();
  pool.now = Date.now();
  const [machine, sessions, ssh, dead] = [
    createFakeMachine(),
    createFakeSessions(),
    createFakeSsh(),
    new Set<string>(),
  ];
  const works = createFakeJournal();
  const journal = {
    ...works,
    left: async () => (await works.list()).filter(({ agent }) => dead.has(agent.name)),
  };
  const upRequest = () => ({
    ...{ settings: stand.settings, settingsOf: () => stand.settings, allowed: [], host: world.host, signal },
    ...{ force: false, dryRun: false, now: new Date() },
  });
  const asked = () => ({ ...world.engine, exec: execs(stand), ...stand.engine });
  const spawning = (): SpawnDeps => {
    const deps = { ...world.deps, engine: asked(), pool: pool.deps, sessions };
    const all = { ...deps, journal, notices: createFakeNotices(), spec: world.spec, ...stand.deps };
    return { ...all, loadRoster: () => new Map(), uninterrupted: all };
  };
  const acting = (): Acting => ({
    ...{ host: stand.needs.host ?? world.host, machine, deps: spawning() },
    async bringUp(agents) {
      const only = agents.map(({ index }) => index);
      const { outcomes } = await bringUp(spawning(), { ...upRequest(), count: only.length, only });
      for (const { error } of outcomes) if (error !== undefined) throw error;
    },
    async startStack() {
      await startStack(spawning(), upRequest());
    },
    async buildImages() {
      const { host, progress } = { ...world, ...world.deps };
      await buildImages({ engine: world.engine, host, progress, signal }, stand.settings, {});
    },
  });
  const repair: HealthStand["repair"] = ({ apply, checks = CHECKS }) =>
    repairAll({
      ...{ checks, look: stand.look, apply, progress: world.progress, signal },
      acting: () => Promise.resolve(acting()),
    });
  const stand: HealthStand = {
    ...{ world, machine, sessions, ssh, pool, journal, dead, deps: {}, needs: {}, engine: {} },
    ...{ settings: DEFAULT_SETTINGS, inside: new Map<string, InsideAnswer>(), repair },
    look: () =>
      createLooking({
        ...{ host: world.host, machine, ssh, signal, engineMs: 100 },
        gitVersion: () => Promise.resolve("2.39.5"),
        engine: () => Promise.resolve(asked()),
        spawning: () => Promise.resolve(spawning()),
        settings: () => Promise.resolve({ settings: stand.settings, settingsOf: () => stand.settings }),
        ...stand.needs,
      }),
    async doctor(checks) {
      return toFindings((await repair({ apply: false, ...(checks && { checks }) })).examined);
    },
    async troubles(check, checks) {
      return (await stand.doctor(checks)).filter((one) => one.check === check && one.verdict !== "ok");
    },
  };
  if (count > 0) {
    const { outcomes } = await bringUp(world.deps, { ...upRequest(), count });
    for (const { error } of outcomes) if (error !== undefined) throw error;
  }
  return stand;
}

/** What an agent answers that is as it should be. */
const WELL: readonly (readonly [part: string, answer: InsideAnswer])[] = [
  ["id -u", [0, "1000\n"]],
  [".invalid/", [128, "fatal: unable to access: CONNECT tunnel failed, response 403\n"]],
  ["git ls-remote", [128, "fatal: unable to access: CONNECT tunnel failed, response 500\n"]],
  ["getent hosts tinyproxy", [0, "10.213.0.2 tinyproxy\n"]],
  ["getent hosts", [2, ""]],
  ["git fetch", [0, "none\n"]],
  ["docker.sock", [0, ""]],
  ["git status", [0, ""]],
  ["git commit-tree", [0, ""]],
  [".devkit-doctor-", [0, ""]],
];

function execs(stand: HealthStand): Engine["exec"] {
  return (id, request, streams) => {
    const script = request.argv[0] === "/bin/sh" ? (request.argv[2] ?? "") : undefined;
    const answers = [...stand.inside, ...WELL];
    const [, answer] = answers.find(([part]) => script?.includes(part) === true) ?? [];
    if (answer === undefined) return stand.world.engine.exec(id, request, streams);
    streams.stdout.write(answer[1]);
    return Promise.resolve(answer[0]);
  };
}
