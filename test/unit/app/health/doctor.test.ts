import { beforeEach, describe, expect, test } from "vitest";
import { CHECKS } from "../../../../src/app/health/checks.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { examine, toFindings } from "../../../../src/app/health/examine.js";
import { ok } from "../../../../src/app/health/check.js";
import { createHealthStand, type HealthStand } from "../../support/health-stand.js";

let stand: HealthStand;

beforeEach(async () => {
  stand = await createHealthStand();
});

describe("doctor", () => {
  test("finds nothing wrong where nothing is, and says of each check what it found and why", async () => {
    const all = await stand.doctor();
    expect(all.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    expect(all.map(({ check }) => check)).toEqual(CHECKS.map(({ name }) => name));
    for (const { found, why } of all) expect([found, why]).not.toContain("");
  });

  test("changes nothing, whatever is wrong", async () => {
    const { world, sessions } = stand;
    const session = { agent: "agent-6", name: "devkit-agent-6", attached: 0, state: "running" } as const;
    sessions.running.set("agent-6", { ...session, exitCode: undefined, signal: undefined, pid: 1 });
    world.state.gits.delete("agent-2");
    world.engine.volumes.push({ name: "v", agentName: "agent-9", root: "/src/demo" });
    const before = [
      world.engine.changes.length,
      world.log.length,
      world.git.refs.size,
      world.locks.taken.length,
    ];
    const findings = await stand.doctor();
    expect(findings.filter(({ repair }) => repair !== undefined).length).toBeGreaterThanOrEqual(3);
    const after = [world.engine.changes.length, before[1], world.git.refs.size, world.locks.taken.length];
    expect(after).toEqual(before);
    expect(world.log.slice(before[1]).filter((line) => !line.startsWith("list"))).toEqual([]);
    expect([...sessions.running.keys()]).toEqual(["agent-6"]);
  });

  test("tells a trouble that stops several checks once, with its fix, and goes on with the others", async () => {
    const trouble = new DevkitError("E_ENGINE_UNAVAILABLE", "no container engine answers", {
      hint: "start it",
    });
    stand.engine = { info: () => Promise.reject(trouble) };
    const all = await stand.doctor();
    expect(all.filter(({ found }) => found === trouble.message)).toEqual([
      expect.objectContaining({ check: "engine", verdict: "failed", fix: "start it" }),
    ]);
    expect(all.map(({ check }) => check)).toEqual(
      expect.arrayContaining(["git", "node", "disk", "locks", "homes", "logins"]),
    );
  });

  test("an engine that takes questions and answers none is told, and asked only once", async () => {
    let asked = 0;
    const never = () => {
      asked += 1;
      return new Promise<never>(() => undefined);
    };
    stand.engine = { info: never, listContainers: never, listNetworks: never, findImage: never };
    const all = await stand.doctor();
    expect(all.filter(({ verdict }) => verdict === "failed")).toEqual([
      expect.objectContaining({
        check: "engine",
        found: "the container engine does not answer (waited 0.1 s)",
        fix: expect.stringContaining("sudo systemctl restart docker") as string,
      }),
    ]);
    expect(asked).toBe(1);
  });

  test("one that hangs over a single question keeps no other check from its end", async () => {
    stand.engine = { listNetworks: () => new Promise<never>(() => undefined) };
    const all = await stand.doctor();
    expect(all.find(({ check }) => check === "engine")?.verdict).toBe("ok");
    expect(all.find(({ check }) => check === "locks")?.verdict).toBe("ok");
    expect(all.filter(({ verdict }) => verdict === "failed")).toHaveLength(1);
  });

  test("a check that does not come to an end is a failed one", async () => {
    const hanging = {
      name: "hanging",
      why: "…",
      isReconciled: false,
      look: () => new Promise<never>(() => undefined),
    };
    const fine = { ...hanging, name: "fine", look: () => Promise.resolve(ok("fine")) };
    const findings = toFindings(await examine([hanging, fine], stand.look(), 20));
    expect(findings.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
      "hanging failed",
      "fine ok",
    ]);
    expect(findings[0]?.found).toContain("did not come to an end");
  });

  test("needs no engine where all agents run on this machine itself", async () => {
    const down = () => Promise.reject(new DevkitError("E_ENGINE_UNAVAILABLE", "no container engine answers"));
    const onHost = () => Promise.resolve({ home: false, git: false, runtime: "host" as const });
    stand.deps = { state: { ...stand.world.state, inspect: onHost } };
    stand.engine = { info: down, listContainers: down, listNetworks: down, listLooseVolumes: down };
    const all = await stand.doctor();
    expect(all.find(({ check }) => check === "engine")).toMatchObject({
      verdict: "ok",
      found: expect.stringContaining("none is needed") as string,
    });
    expect(all.find(({ check }) => check === "agents")?.verdict).toBe("ok");
  });
});
