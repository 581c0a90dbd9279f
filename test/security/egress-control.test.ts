import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrivedOf, strangersTo } from "./egress/arrivals.js";
import { allProbes, createControl, misreadProbes, startWithImage } from "./egress/control-world.js";
import { createPlan } from "./egress/plan.js";
import { directProbes } from "./egress/probes-direct.js";
import { canMakeRig, type Rig } from "./egress/rig.js";

/**
 * What the egress tests find worth something: each of their probes arrives where nothing stops it, so that one that does
 * not arrive was stopped; and the rig sees the leaks that a network without a way out still has.
 */
describe.skipIf(!canMakeRig)("without the policy", () => {
  let rig: Rig;
  let image: string;

  beforeAll(async () => {
    ({ rig, image } = await startWithImage());
  });

  afterAll(() => rig.stop());

  test("every probe arrives", async () => {
    const six = ["--ipv6", "--subnet", "fd30:1::/64", "--gateway", "fd30:1::1"];
    const world = await createControl(rig, image, { name: "open", net: "172.30.1", network: six });
    const plan = createPlan(allProbes(world));
    const careless = createPlan(misreadProbes(world));
    const outcomes = await world.run(plan);
    const misread = await world.run(careless);
    const arrivals = await rig.arrivals();

    const arrived = arrivedOf(plan, arrivals, outcomes);
    const missing = plan.probes.filter(({ id }) => !arrived.includes(id));
    expect(missing.filter((probe) => probe.misread !== true).map(({ id }) => id)).toEqual([]);
    expect(arrivedOf(careless, arrivals, misread)).toEqual(careless.probes.map(({ id }) => id));
  });

  test("what belongs to no probe is seen as well", async () => {
    await rig.docker("run", "--rm", image, "bash", "-c", "echo hello >/dev/udp/93.184.250.1/53");
    expect(strangersTo([], await rig.arrivals())).toContain("udp 93.185.0.2 > 93.184.250.1:53 hello.");
  });

  test("a plain internal network leaks to the host, to other agents and through its resolver", async () => {
    const network = ["--internal"];
    const world = await createControl(rig, image, { name: "internal", net: "172.30.2", network });
    const plan = createPlan(directProbes(world.around));
    const outcomes = await world.run(plan);
    const arrived = arrivedOf(plan, await rig.arrivals(), outcomes);

    for (const leak of [
      "host gateway tcp",
      "host public udp",
      "host docker0 tcp",
      "engine at gateway:2375",
    ]) {
      expect(arrived).toContain(leak);
    }
    for (const leak of ["host by broadcast", "agent by address, tcp", "agent by name"]) {
      expect(arrived).toContain(leak);
    }
    // Since its release 23 or so the engine no longer asks the host's resolver for a network without a way out.
    const version = Number.parseInt(await rig.docker("version", "--format", "{{.Server.Version}}"), 10);
    for (const leak of version < 23
      ? ["dns TXT", "dns long labels", "dns over tcp", "dns as programs do"]
      : []) {
      expect(arrived).toContain(leak);
    }
    expect(arrived).not.toContain("tcp 443");
    expect(arrived).not.toContain("metadata");
  });
});
