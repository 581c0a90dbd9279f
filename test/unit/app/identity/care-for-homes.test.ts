import { beforeEach, expect, test } from "vitest";
import { DevkitError } from "../../../../src/base/errors.js";
import { careForHomes } from "../../../../src/app/identity/care-for-homes.js";
import { findHomesTrouble } from "../../../../src/app/identity/check-homes.js";
import type { HomeCare } from "../../../../src/app/ports-homes.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { createWorld, type World } from "../../fakes/world.js";

let world: World;
const agents = [agentAt(1), agentAt(2)];

beforeEach(() => {
  world = createWorld();
});

const withCare = (change: Partial<HomeCare>) => ({
  ...world.deps,
  homeCare: { ...world.deps.homeCare, ...change },
});
const isFirst = (state: string) => state.endsWith("agent-1");

test("what was closed and cut is told once, with names that are safe to print", async () => {
  const deps = withCare({
    findLoose: ({ state }) =>
      Promise.resolve(isFirst(state) ? [{ path: ".ssh/\u001b[31mid", mode: 0o644, widest: 0o600 }] : []),
    cutLogs: ({ state }) =>
      Promise.resolve(
        isFirst(state) ? [{ path: ".codex/log/a.log", bytes: 300 * 1024 ** 2, kept: 16 * 1024 ** 2 }] : [],
      ),
  });
  await careForHomes(deps, agents);
  expect(world.progress.warnings).toEqual([
    "agent-1: closed to others, who could read or change it: ~/.ssh/·[31mid (644, not 600)",
    "agent-1: ~/.codex/log/a.log was 300 MiB; its last 16.0 MiB are left",
  ]);
});

test("what one agent did to its home keeps no other's from being looked after", async () => {
  const looked: string[] = [];
  const deps = withCare({
    findLoose: ({ state }) => {
      looked.push(state.slice(-7));
      return isFirst(state) ? Promise.reject(new DevkitError("E_FILE", "cannot look")) : Promise.resolve([]);
    },
  });
  await careForHomes(deps, agents);
  expect(looked).toEqual(["agent-1", "agent-2"]);
  expect(world.progress.warnings).toEqual(["agent-1: its home could not be looked after: cannot look"]);
});

test("doctor names what is open, a few of it, and changes nothing", async () => {
  const asked: boolean[] = [];
  const loose = Array.from({ length: 8 }, (_, at) => ({
    path: `.ssh/${String(at)}`,
    mode: 0o666,
    widest: 0o600,
  }));
  const deps = withCare({
    findLoose: (_, { fix }) => {
      asked.push(fix);
      return Promise.resolve(loose);
    },
  });
  const trouble = await findHomesTrouble(deps, agents);
  expect(trouble?.found).toMatch(
    /^open to other users: agent-1: ~\/\.ssh\/0 \(666, not 600\).* and 3 more; 1 other agent too$/,
  );
  expect(trouble?.fix).toBe("devkit agent up 2");
  expect(asked).toEqual([false, false]);
  expect(await findHomesTrouble(world.deps, agents)).toBeUndefined();
});
