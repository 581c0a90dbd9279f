import { beforeEach, describe, expect, test } from "vitest";
import { listPolicies } from "../../../../src/app/egress/list-policies.js";
import { reloadEgress } from "../../../../src/app/egress/reload.js";
import { describeStack, readStackLogs, startStack, stopStack } from "../../../../src/app/egress/stack.js";
import { formatHostPattern } from "../../../../src/domain/egress/host-pattern.js";
import { createWorld, type World } from "../../fakes/world.js";
import { agentStates, egressContainers } from "../../support/containers.js";
import { configOf, egressSettings, isApplied, upIn } from "../../support/egress.js";
import { errorOf } from "../../support/temp.js";
import { PROJECT } from "../../support/things.js";

const SHARED = `devkit-${PROJECT.id}-egress`;
const BROKER = `devkit-${PROJECT.id}-broker`;
const OWN = `devkit-${PROJECT.id}-agent-1-egress`;
const { signal } = new AbortController();

let world: World;

/** Agent 1 with an egress of its own, 2 and 3 with the shared one. */
beforeEach(async () => {
  world = createWorld();
  await upIn(world, 3, egressSettings({ allow: ["github.com"] }));
  await upIn(world, 1, egressSettings({ allow: ["github.com"] }, ["hardened"]));
});

describe("what agents share", () => {
  test("is described with whom it serves", async () => {
    const found = await describeStack(world.deps);
    expect(
      found.map(({ name, state, owner, serves }) => [
        name,
        state,
        owner?.name,
        serves.map((one) => one.name),
      ]),
    ).toEqual(
      expect.arrayContaining([
        [SHARED, "running", undefined, ["agent-2", "agent-3"]],
        [BROKER, "running", undefined, ["agent-1", "agent-2", "agent-3"]],
        [OWN, "running", "agent-1", ["agent-1"]],
      ]),
    );
    expect(found).toHaveLength(3);
  });

  test("is stopped while agents go on, and started again; what runs already is left alone", async () => {
    expect((await stopStack(world.deps)).sort()).toEqual([OWN, BROKER, SHARED]);
    expect(await stopStack(world.deps)).toEqual([]);
    expect(agentStates(world.engine).every((line) => line.endsWith("running"))).toBe(true);
    expect((await listPolicies(world.deps, [])).map(({ isUp }) => isUp)).toEqual([false, false, false]);
    const request = { settings: egressSettings({}), allowed: [], host: world.host, signal };
    expect(await startStack(world.deps, request)).toBe("it is exited");
    expect(await startStack(world.deps, request)).toBeUndefined();
    expect([await isApplied(world), await isApplied(world, 1)]).toEqual([true, true]);
  });

  test("says what its containers say, each with its name and time", async () => {
    for (const { log, spec } of egressContainers(world.engine))
      log.push(`2026-01-01T00:00:00Z of ${spec.name} x`);
    const lines: unknown[] = [];
    await readStackLogs(world.deps, { follow: false, tail: undefined, signal }, (line) => lines.push(line));
    const line = (container: string) => ({
      container,
      time: "2026-01-01T00:00:00Z",
      text: `of ${container} x`,
    });
    expect(lines).toEqual(expect.arrayContaining([line(SHARED), line(OWN)]));
    expect(lines).toHaveLength(2);
  });
});

describe("egress reload", () => {
  const reload = (allow: string[], privateNames: string[] = []) =>
    reloadEgress(world.deps, {
      allowed: allow.map((text) => ({ text, place: "devkit.toml" })),
      private: privateNames,
      signal,
    });

  test("takes over what the settings say now, everywhere, and keeps profiles", async () => {
    expect(await reload(["crates.example", "github.com"])).toEqual({ names: 2, agents: 3 });
    for (const [agent, owner] of [
      ["agent-1", 1],
      ["agent-2", undefined],
    ] as const)
      expect(configOf(world, `agents/${agent}/allow`, owner)).toContain("crates");
    expect(world.egress.memory.profiles.get("agent-1")).toEqual(["hardened"]);
    expect([await isApplied(world), await isApplied(world, 1)]).toEqual([true, true]);
  });

  test("takes over which names may be private, as agent up does", async () => {
    await reload(["github.com"], ["mirror.example.com"]);
    expect([configOf(world, "private"), configOf(world, "private", 1)]).toEqual(
      Array(2).fill("mirror.example.com\n"),
    );
    expect(await isApplied(world)).toBe(true);
    await upIn(world, 3, egressSettings({ private: ["go.example.com"] }));
    expect(configOf(world, "private")).toBe("go.example.com\n");
    expect(await isApplied(world)).toBe(true);
    await reload(["github.com"]);
    expect(configOf(world, "private")).toBe("");
  });

  test("asks the package managers again, warns of what they cannot say, and of URLs nobody can reach", async () => {
    world.registries.answers.set("npm", {
      hosts: ["npm.example.com"],
      unusable: [{ url: "http://plain.example.com", why: "is not https" }],
      notes: ["npm is not installed here"],
    });
    expect((await reload(["preset:npm", "preset:github"])).names).toBeGreaterThan(5);
    expect(world.registries.asked).toEqual(["npm"]);
    expect(configOf(world, "agents/agent-2/allow")).toContain("^npm\\.example\\.com:443$");
    expect(world.progress.warnings).toEqual([
      "preset:npm: http://plain.example.com is not https",
      "preset:npm: npm is not installed here",
    ]);
  });
});

describe("egress list", () => {
  test("is what each agent may reach, and who allowed it", async () => {
    const listed = await listPolicies(world.deps, []);
    expect(listed.map(({ agent, profiles, isUp }) => [agent.name, profiles, isUp])).toEqual([
      ["agent-1", ["hardened"], true],
      ["agent-2", [], true],
      ["agent-3", [], true],
    ]);
    const [grant] = listed[0]?.policy.grants ?? [];
    expect([grant && formatHostPattern(grant.pattern), grant?.origin]).toEqual([
      "github.com",
      { from: "settings", place: "devkit.toml" },
    ]);
    expect(await listPolicies(world.deps, ["agent-2", "2"])).toHaveLength(1);
    expect((await errorOf(listPolicies(world.deps, ["9"]))).code).toBe("E_AGENT_UNKNOWN");
  });
});
