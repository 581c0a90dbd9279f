import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { isSafeRefName, type Head } from "../../../../src/domain/custody/refs.js";
import { planSync } from "../../../../src/domain/custody/sync-plan.js";
import { createRandom } from "../../support/random.js";
import { oid } from "../../support/things.js";

const AGENT = agentAt(1);
const OWN = "refs/heads/agent/agent-1/";
const IDLE = `${OWN}idle`;

const on = (ref: string): Head => ({ kind: "branch", ref });

const plan = (heads: Record<string, string>, head: Head, host: Record<string, string> = {}) => {
  const refs = { head, heads: new Map(Object.entries(heads)), refused: [] };
  return planSync(AGENT, refs, new Map(Object.entries(host)), new Map());
};

describe("where a branch arrives", () => {
  test.each([
    [IDLE, IDLE],
    [`${OWN}tsk-1`, `${OWN}tsk-1`],
    ["refs/heads/main", `${OWN}main`],
    ["refs/heads/feature/login", `${OWN}feature/login`],
    ["refs/heads/agent/agent-2/idle", `${OWN}agent/agent-2/idle`],
    ["refs/heads/agent/agent-10/idle", `${OWN}agent/agent-10/idle`],
    ["refs/heads/agent/agent-1", `${OWN}agent/agent-1`],
  ])("%s at %s, and HEAD with it", (from, to) => {
    expect(plan({ [from]: oid("1") }, on(from))).toEqual({
      updates: [{ from, to, oid: oid("1"), hostOid: undefined, agreed: [] }],
      head: to,
      refused: [],
    });
  });

  test("beside another, when one name would have to be a file and a directory", () => {
    const { updates } = plan(
      { [IDLE]: oid("1"), "refs/heads/idle/x": oid("2"), "refs/heads/idle/x-y": oid("3") },
      on(IDLE),
    );
    const places = updates.map(({ to }) => to);
    for (const place of places) {
      expect(places.filter((other) => other === place || other.startsWith(`${place}/`))).toEqual([place]);
    }
    expect(updates.map((update) => update.oid)).toEqual([oid("1"), oid("2"), oid("3")]);
  });

  test("does not depend on the order in which branches were read", () => {
    const names = [IDLE, "refs/heads/x", `${OWN}x`, "refs/heads/x/y", "refs/heads/idle/a"];
    const heads = names.map((name, position): [string, string] => [name, oid(String(position))]);
    const placesOf = (entries: [string, string][]) =>
      Object.fromEntries(
        plan(Object.fromEntries(entries), on(IDLE)).updates.map(({ from, to }) => [from, to]),
      );
    expect(placesOf([...heads].reverse())).toEqual(placesOf(heads));
  });
});

describe("the plan of a sync", () => {
  test("nothing new: no updates, and HEAD where it is", () => {
    expect(plan({ [IDLE]: oid("1") }, on(IDLE), { [IDLE]: oid("1") })).toEqual({
      updates: [],
      head: IDLE,
      refused: [],
    });
  });

  test("a commit: the branch moves from what the host has", () => {
    expect(plan({ [IDLE]: oid("2") }, on(IDLE), { [IDLE]: oid("1") }).updates).toEqual([
      { from: IDLE, to: IDLE, oid: oid("2"), hostOid: oid("1"), agreed: [] },
    ]);
  });

  test("a branch of any other name arrives below the agent's own, and HEAD follows it", () => {
    const found = plan({ [IDLE]: oid("1"), "refs/heads/fix": oid("2") }, on("refs/heads/fix"), {
      [IDLE]: oid("1"),
    });
    expect(found.updates).toEqual([
      { from: "refs/heads/fix", to: `${OWN}fix`, oid: oid("2"), hostOid: undefined, agreed: [] },
    ]);
    expect(found.head).toBe(`${OWN}fix`);
  });

  test("a detached HEAD arrives under a ref of its own", () => {
    const found = plan({ [IDLE]: oid("1") }, { kind: "detached", oid: oid("3") }, { [IDLE]: oid("1") });
    expect(found).toEqual({
      updates: [
        {
          from: "HEAD",
          to: "refs/devkit/detached/agent-1",
          oid: oid("3"),
          hostOid: undefined,
          agreed: [],
        },
      ],
      head: oid("3"),
      refused: [],
    });
  });

  test("a detached HEAD that is home already is not sent again", () => {
    const host = { [IDLE]: oid("1"), "refs/devkit/detached/agent-1": oid("3") };
    expect(plan({ [IDLE]: oid("1") }, { kind: "detached", oid: oid("3") }, host).updates).toEqual([]);
  });

  test("what the host has and the agent has not stays", () => {
    expect(
      plan({ [IDLE]: oid("1") }, on(IDLE), { [IDLE]: oid("1"), [`${OWN}gone`]: oid("9") }).updates,
    ).toEqual([]);
  });

  test("the agent's own branch wins over another that arrives at the same place", () => {
    const { updates } = plan({ "refs/heads/x": oid("2"), [`${OWN}x`]: oid("1") }, on(`${OWN}x`));
    expect(updates.filter(({ to }) => to === `${OWN}x`)).toEqual([
      { from: `${OWN}x`, to: `${OWN}x`, oid: oid("1"), hostOid: undefined, agreed: [] },
    ]);
  });

  test("nothing an agent commits is left behind when two of its branches have the same place to go", () => {
    const { updates } = plan({ "refs/heads/x": oid("2"), [`${OWN}x`]: oid("1") }, on(`${OWN}x`));
    expect(new Set(updates.map((update) => update.oid))).toEqual(new Set([oid("1"), oid("2")]));
  });

  test("HEAD never points at a commit other than the agent's", () => {
    const { updates, head } = plan({ "refs/heads/x": oid("2"), [`${OWN}x`]: oid("1") }, on("refs/heads/x"));
    expect(updates.find(({ to }) => to === head)?.oid).toBe(oid("2"));
  });
});

test("whatever an agent calls its branches, updates stay in its own namespace, each place once, names safe", () => {
  const random = createRandom(11);
  const words = ["main", "agent", "agent-1", "agent-2", "idle", "x", "refs", "heads", "detached", "devkit"];
  for (let round = 0; round < 500; round += 1) {
    const names = Array.from({ length: 1 + random.int(6) }, () =>
      Array.from({ length: 1 + random.int(4) }, () => random.pick(words)).join("/"),
    );
    const heads = Object.fromEntries(
      names.map((name) => [`refs/heads/${name}`, oid(String(random.int(10)))]),
    );
    const head: Head = random.chance(0.3)
      ? { kind: "detached", oid: oid("d") }
      : on(random.pick(Object.keys(heads)));
    const { updates } = plan(heads, head, { [IDLE]: oid("1") });
    const places = updates.map(({ to }) => to);
    expect(new Set(places).size).toBe(places.length);
    for (const to of places) {
      expect(to.startsWith(OWN) || to === "refs/devkit/detached/agent-1").toBe(true);
      expect(isSafeRefName(to)).toBe(true);
    }
  }
});

test("an agent that made ten thousand branches does not hold everybody up", () => {
  const heads = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, number) => [`refs/heads/b/${String(number)}/x`, oid("1")]),
  );
  const started = performance.now();
  expect(plan(heads, on(IDLE)).updates).toHaveLength(10_000);
  expect(performance.now() - started).toBeLessThan(2000);
});
