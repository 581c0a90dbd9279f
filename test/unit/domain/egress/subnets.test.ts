import { describe, expect, it } from "vitest";
import {
  contains,
  formatCidr,
  parseCidr,
  parseRoutes,
  type Cidr,
} from "../../../../src/domain/egress/cidr.js";
import { countSlots, freeSlots, parsePool, slotAt } from "../../../../src/domain/egress/subnets.js";

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

const subnets = (pool: string, taken: readonly string[]) =>
  [...freeSlots(cidr(pool), taken.map(cidr))].map(({ subnet }) => subnet);

describe("parseCidr", () => {
  it.each([
    ["10.213.0.0/16", "10.213.0.0/16"],
    ["10.213.7.9/16", "10.213.0.0/16"],
    ["192.168.1.5", "192.168.1.5/32"],
    ["255.255.255.255/32", "255.255.255.255/32"],
    ["200.0.0.0/8", "200.0.0.0/8"],
    ["1.2.3.4/0", "0.0.0.0/0"],
  ])("%s is %s", (text, network) => {
    expect(formatCidr(cidr(text))).toBe(network);
  });

  it.each([
    "",
    "10.0.0/8",
    "10.0.0.256/8",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "fd00::/8",
    "a.b.c.d/8",
    "10.0.0.0/8\n",
  ])("%j is none", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

it.each([
  ["10.0.0.0/8", "10.255.255.255/32", true],
  ["10.0.0.0/8", "11.0.0.0/32", false],
  ["10.0.0.0/16", "10.0.0.0/8", false],
  ["0.0.0.0/0", "203.0.113.0/24", true],
])("contains(%s, %s) is %s", (outer, inner, answer) => {
  expect(contains(cidr(outer), cidr(inner))).toBe(answer);
});

describe("parseRoutes", () => {
  const header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
  const route = (destination: string, mask: string) =>
    `eth0\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0   `;

  it("reads the networks, without the default route, whole or in halves, and those to whole private ranges", () => {
    const text = [
      header,
      route("00000000", "00000000"),
      route("00000000", "00000080"),
      route("00000080", "00000080"),
      route("000011AC", "0000FFFF"),
      route("0000000A", "000000FF"),
      route("0100A8C0", "FFFFFFFF"),
      "",
    ].join("\n");
    expect(parseRoutes(text).map(formatCidr)).toEqual(["172.17.0.0/16", "192.168.0.1/32"]);
  });

  it.each(["", header, `${header}\n\n`, `${header}\neth0\n`, `${header}\n${route("zz", "00000000")}`])(
    "finds none in %j",
    (text) => {
      expect(parseRoutes(text)).toEqual([]);
    },
  );
});

describe("parsePool", () => {
  it("takes private networks from /8 to /26", () => {
    for (const text of ["10.0.0.0/8", "10.213.0.0/16", "172.16.0.0/12", "192.168.5.64/26", "100.64.0.0/10"])
      expect(parsePool(text)).toEqual({ ok: true, pool: cidr(text) });
  });

  it.each([
    "10.0.0.0/7",
    "10.0.0.0/27",
    "10.0.0.0",
    "10.0.0.1/24",
    "8.8.8.0/24",
    "172.0.0.0/8",
    "192.0.0.0/8",
    "x",
  ])("refuses %s", (text) => {
    expect(parsePool(text).ok).toBe(false);
  });
});

describe("slots", () => {
  it("have the gateway first, then the proxy, then the agent", () => {
    expect(slotAt(cidr("10.213.0.0/16"), 0)).toEqual({
      slot: 0,
      subnet: "10.213.0.0/29",
      gateway: "10.213.0.1",
      egress: "10.213.0.2",
      agent: "10.213.0.3",
    });
    expect(slotAt(cidr("10.213.0.0/16"), 8191)).toMatchObject({
      subnet: "10.213.255.248/29",
      agent: "10.213.255.251",
    });
    expect(slotAt(cidr("10.213.0.0/16"), 8192)).toBeUndefined();
    expect(slotAt(cidr("10.213.0.0/16"), -1)).toBeUndefined();
    expect([countSlots(cidr("10.213.0.0/16")), countSlots(cidr("192.168.0.0/26"))]).toEqual([8192, 8]);
  });

  it("skip every network that overlaps them: inside, around, and at the edges", () => {
    const all = subnets("192.168.0.0/26", []);
    expect(all).toHaveLength(8);
    expect(subnets("192.168.0.0/26", ["192.168.0.9", "192.168.0.16/28", "192.168.0.63/32"])).toEqual([
      "192.168.0.0/29",
      "192.168.0.32/29",
      "192.168.0.40/29",
      "192.168.0.48/29",
    ]);
    expect(subnets("192.168.0.0/26", ["192.168.0.0/16"])).toEqual([]);
    expect(subnets("192.168.0.0/26", ["192.168.0.64/26", "192.167.255.0/24", "10.0.0.0/8"])).toEqual(all);
    expect(subnets("192.168.0.0/26", ["192.168.0.0/27", "192.168.0.8/29"])).toEqual(all.slice(4));
  });

  it("agree with looking at each slot and network, whatever is taken", () => {
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 200; round += 1) {
      const pool = cidr("10.1.0.0/22");
      const taken = Array.from({ length: random(12) }, () =>
        cidr(`10.1.${String(random(6))}.${String(random(256))}/${String(22 + random(11))}`),
      );
      const overlaps = (a: Cidr, b: Cidr) => contains(a, b) || contains(b, a);
      const expected = Array.from({ length: 128 }, (_, slot) => slotAt(pool, slot)?.subnet ?? "").filter(
        (subnet) => !taken.some((other) => overlaps(cidr(subnet), other)),
      );
      expect([...freeSlots(pool, taken)].map(({ subnet }) => subnet)).toEqual(expected);
    }
  });

  it("are quick to look through, nearly all taken", () => {
    const pool = cidr("10.213.0.0/16");
    const taken = Array.from({ length: 8191 }, (_, slot) => cidr(slotAt(pool, slot)?.subnet ?? "")).reverse();
    const startedAt = performance.now();
    expect([...freeSlots(pool, taken)].map(({ slot }) => slot)).toEqual([8191]);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it("are made only as they are asked for", () => {
    const first = freeSlots(cidr("10.0.0.0/8"), []).next();
    expect(first.value).toMatchObject({ subnet: "10.0.0.0/29" });
  });
});
