import { beforeEach, describe, expect, test, vi } from "vitest";
import { changeRule, type RuleRequest } from "../../../../src/app/egress/change-rule.js";
import { parseHostPattern, type HostPattern } from "../../../../src/domain/egress/host-pattern.js";
import { createWorld, type World } from "../../fakes/world.js";
import { configOf, egressSettings, isApplied, upIn } from "../../support/egress.js";
import { errorOf } from "../../support/temp.js";

const NOW = 1_800_000_000;

let world: World;

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  world = createWorld();
  await upIn(world, 2, egressSettings({ allow: ["github.com", "*.example.com"] }));
  return () => vi.useRealTimers();
});

function patternOf(host: string): HostPattern {
  const parsed = parseHostPattern(host);
  if (!parsed.ok) throw new Error(host);
  return parsed.pattern;
}

const change = (action: "allow" | "deny", host: string, more: Partial<RuleRequest> = {}) =>
  changeRule(world.deps, {
    ...{ action, pattern: patternOf(host), selector: undefined, forSeconds: undefined },
    ...more,
  });

const rulesOf = (index: number) =>
  configOf(world, `agents/agent-${String(index)}/allow`)
    ?.split("\n")
    .slice(0, -1);
const [GITHUB, EXAMPLE] = ["0 ^github\\.com:443$", "0 ^([a-z0-9_-]+\\.)+example\\.com:443$"];

describe("devkit allow", () => {
  test("is in force for all agents at once, and kept for those to come", async () => {
    const { changed, agents, rule } = await change("allow", "crates.example");
    expect([changed, agents.map(({ name }) => name)]).toEqual([true, ["agent-1", "agent-2"]]);
    expect(rule).toMatchObject({ action: "allow", agent: undefined, until: undefined });
    expect(rulesOf(1)).toContain("0 ^crates\\.example:443$");
    expect(rulesOf(2)).toEqual(rulesOf(1));
    expect(await isApplied(world)).toBe(true);
    await upIn(world, 3, egressSettings({ allow: [] }));
    expect(rulesOf(3)).toEqual(["0 ^crates\\.example:443$"]);
  });

  test("for one agent is for that one, by index and by name", async () => {
    expect((await change("allow", "crates.example", { selector: "2" })).rule.agent).toBe("agent-2");
    await change("allow", "pypi.example", { selector: "agent-1" });
    expect(rulesOf(1)).toEqual([EXAMPLE, GITHUB, "0 ^pypi\\.example:443$"].sort(bySecondWord));
    expect(rulesOf(2)).toEqual([EXAMPLE, GITHUB, "0 ^crates\\.example:443$"].sort(bySecondWord));
  });

  test("for a time ends at a second that the proxy knows", async () => {
    const { rule } = await change("allow", "crates.example", { forSeconds: 600 });
    expect(rule.until).toBe(NOW + 600);
    expect(rulesOf(1)).toContain(`${String(NOW + 600)} ^crates\\.example:443$`);
    vi.setSystemTime((NOW + 601) * 1000);
    expect((await change("allow", "pypi.example")).changed).toBe(true);
    expect(rulesOf(1)?.join()).not.toContain("crates");
    expect(world.egress.saved).toHaveLength(1);
  });

  test("of what is allowed already says that nothing changed, and signals nobody", async () => {
    const before = world.engine.changes.length;
    expect((await change("allow", "github.com")).changed).toBe(false);
    expect(world.engine.changes).toHaveLength(before);
  });

  test("before there are agents is kept for them", async () => {
    world = createWorld();
    const { changed, agents } = await change("allow", "crates.example");
    expect([changed, agents]).toEqual([false, []]);
    await upIn(world, 1);
    expect(rulesOf(1)).toEqual(["0 ^crates\\.example:443$"]);
  });
});

describe("devkit deny", () => {
  test("takes away what the settings allow, also after agent up has read them again", async () => {
    expect((await change("deny", "github.com")).changed).toBe(true);
    expect(rulesOf(1)).toEqual([EXAMPLE]);
    await upIn(world, 2, egressSettings({ allow: ["github.com", "*.example.com"] }));
    expect(rulesOf(1)).toEqual([EXAMPLE]);
  });

  test("for one agent leaves the others what they have", async () => {
    await change("deny", "github.com", { selector: "1" });
    expect([rulesOf(1), rulesOf(2)]).toEqual([[EXAMPLE], [EXAMPLE, GITHUB]]);
  });

  test("is taken back by allow", async () => {
    await change("deny", "github.com");
    await change("allow", "github.com");
    expect(rulesOf(1)).toEqual([EXAMPLE, GITHUB]);
    expect(world.egress.saved).toHaveLength(1);
  });

  test("of a name that a wildcard allows is refused: nothing is saved, nothing changes", async () => {
    const before = [world.engine.changes.length, rulesOf(1)];
    const error = await errorOf(change("deny", "api.example.com"));
    expect(error).toMatchObject({
      code: "E_DENY_COVERED",
      details: { host: "api.example.com", coveredBy: "*.example.com" },
    });
    expect(error.hint).toContain("devkit deny '*.example.com'");
    expect(world.egress.saved).toEqual([]);
    expect([world.engine.changes.length, rulesOf(1)]).toEqual(before);
    expect(world.locks.held.size).toBe(0);
  });

  test("of anything an agent with the profile open can reach is refused", async () => {
    await upIn(world, 2, egressSettings({ allow: ["github.com"] }, ["open"]));
    const error = await errorOf(change("deny", "github.com"));
    expect(error).toMatchObject({ code: "E_DENY_COVERED", details: { coveredBy: "open" } });
    expect(error.message).toContain("profile open");
    expect(world.egress.saved).toEqual([]);
  });
});

test.each(["9", "agent-9", "x"])(
  "of the unknown agent %s is refused, and nothing saved",
  async (selector) => {
    const error = await errorOf(change("allow", "crates.example", { selector }));
    expect(error).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
    expect(error.details["agents"]).toEqual(["agent-1", "agent-2"]);
    expect(world.egress.saved).toEqual([]);
  },
);

function bySecondWord(a: string, b: string): number {
  return a.slice(a.indexOf(" ")) < b.slice(b.indexOf(" ")) ? -1 : 1;
}
