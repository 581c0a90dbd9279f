import { expect, test } from "vitest";
import type { NetworkSpec } from "../../src/app/ports-engine.js";
import { LABELS } from "../../src/domain/identity/names.js";
import type { EngineUnderTest } from "./engine-contract.js";

/** How an engine makes networks and puts containers on them. */
export function networkTests(under: () => EngineUnderTest): void {
  const engine = () => under().engine;
  const labels = () => under().spec(1).labels;
  const project = () => labels()[LABELS.project] ?? "";
  const networkOf = (name: string, subnet: string, internal = true): NetworkSpec => ({
    name: `${project()}-${name}`,
    subnet,
    internal,
    labels: { ...labels(), [LABELS.role]: "network" },
  });
  const found = async (name: string) =>
    (await engine().listNetworks(project())).filter((one) => one.name === `${project()}-${name}`);

  test("are listed by their labels alone: of one project, or of all", async () => {
    const id = await engine().createNetwork(networkOf("one", "10.214.250.0/29"));
    expect(await found("one")).toMatchObject([
      {
        id,
        name: `${project()}-one`,
        subnet: "10.214.250.0/29",
        internal: true,
        projectId: project(),
        agentName: "agent-1",
        root: labels()[LABELS.root],
      },
    ]);
    expect((await engine().listNetworks(undefined)).map((one) => one.id)).toContain(id);
    expect(await engine().listNetworks("no-such-project")).toEqual([]);
    expect(await engine().listSubnets()).toContain("10.214.250.0/29");
  });

  test("of the same name and subnet are the same one", async () => {
    const spec = networkOf("two", "10.214.250.8/29");
    const id = await engine().createNetwork(spec);
    expect(await engine().createNetwork(spec)).toBe(id);
    expect(await found("two")).toHaveLength(1);
  });

  test("that would overlap another are not made", async () => {
    await engine().createNetwork(networkOf("three", "10.214.250.16/29"));
    expect(await engine().createNetwork(networkOf("four", "10.214.250.16/28"))).toBeUndefined();
    expect(await found("four")).toEqual([]);
  });

  test("have containers at the addresses asked for; joining again is no failure", async () => {
    const id = (await engine().createNetwork(networkOf("five", "10.214.250.32/29"))) ?? "";
    const name = `${project()}-five`;
    const network = { name, address: "10.214.250.35", dns: ["10.214.250.34"] };
    const member = await engine().createContainer(under().spec(40, { network }));
    const out = networkOf("out", "10.214.250.48/29", false);
    await engine().createNetwork(out);
    const place = { name: out.name, address: undefined, dns: [] };
    const other = await engine().createContainer(under().spec(41, { network: place }));
    await Promise.all([engine().startContainer(member), engine().startContainer(other)]);
    expect((await networksOf(other)).get(name)).toBeUndefined();
    for (let turn = 0; turn < 2; turn += 1) {
      await engine().attach(id, other, { address: "10.214.250.34", aliases: ["tinyproxy"] });
    }
    expect((await networksOf(member)).get(name)).toEqual({ networkId: id, address: "10.214.250.35" });
    expect((await networksOf(other)).get(name)).toEqual({ networkId: id, address: "10.214.250.34" });
    await engine().detach(id, other);
    expect((await networksOf(other)).get(name)).toBeUndefined();
  });

  test("are removed with whatever is on them; what is gone is no failure", async () => {
    const id = (await engine().createNetwork(networkOf("six", "10.214.250.40/29"))) ?? "";
    const network = { name: `${project()}-six`, address: "10.214.250.43", dns: [] };
    const member = await engine().createContainer(under().spec(42, { network }));
    await engine().startContainer(member);
    await engine().detach(id, "0".repeat(64));
    await engine().removeNetwork(id);
    await engine().removeNetwork(id);
    expect(await found("six")).toEqual([]);
  });

  const networksOf = async (id: string) => {
    const all = await engine().listContainers("agent", project());
    return all.find((one) => one.id === id)?.networks ?? new Map<string, never>();
  };
}
