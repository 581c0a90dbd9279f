import { describe, expect, test } from "vitest";
import { parseCidr, type Cidr } from "../../../../src/domain/egress/cidr.js";
import { placeNetworks, type PlaceRequest } from "../../../../src/domain/egress/place-networks.js";

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

const place = (current: Record<string, string | undefined>, change: Partial<PlaceRequest> = {}) => {
  const found = placeNetworks({
    ...{ pool: cidr("10.213.0.0/24"), taken: [], routes: [], current: new Map(Object.entries(current)) },
    ...change,
  });
  return {
    subnets: Object.fromEntries([...found.slots].map(([name, { subnet }]) => [name, subnet])),
    misplaced: Object.fromEntries(found.misplaced),
    next: () => found.next()?.subnet,
  };
};

describe("the places of networks", () => {
  test("of new ones are the lowest that are free, each its own, in their order", () => {
    const { subnets, misplaced, next } = place({ "agent-1": undefined, "agent-2": undefined });
    expect(subnets).toEqual({ "agent-1": "10.213.0.0/29", "agent-2": "10.213.0.8/29" });
    expect(misplaced).toEqual({});
    expect([next(), next()]).toEqual(["10.213.0.16/29", "10.213.0.24/29"]);
  });

  test("are those that networks have already, whatever else is free", () => {
    const taken = ["10.213.0.40/29"];
    const { subnets, misplaced } = place({ "agent-1": "10.213.0.40/29", "agent-2": undefined }, { taken });
    expect(subnets).toEqual({ "agent-1": "10.213.0.40/29", "agent-2": "10.213.0.0/29" });
    expect(misplaced).toEqual({});
  });

  test("are none that other networks of the engine or routes of this machine have a part of", () => {
    const request = { taken: ["10.213.0.0/30", "fd00::/64"], routes: [cidr("10.213.0.13/32")] };
    expect(place({ "agent-1": undefined }, request).subnets).toEqual({ "agent-1": "10.213.0.16/29" });
  });

  test("move out of another pool than that of the settings", () => {
    const { subnets, misplaced } = place({ "agent-1": "10.99.0.0/29" }, { taken: ["10.99.0.0/29"] });
    expect(subnets).toEqual({ "agent-1": "10.213.0.0/29" });
    expect(misplaced).toEqual({ "agent-1": "10.99.0.0/29 is no part of the pool 10.213.0.0/24" });
  });

  test.each(["10.213.0.0/28", "10.213.0.0/29", "10.213.0.4/30", "10.213.0.0/25"])(
    "move away from a route that this machine has to %s now",
    (route) => {
      const request = { taken: ["10.213.0.0/29"], routes: [cidr(route)], pool: cidr("10.213.0.0/24") };
      const { subnets, misplaced } = place({ "agent-1": "10.213.0.0/29" }, request);
      expect(misplaced).toEqual({ "agent-1": `this machine has a route to ${route} now` });
      expect(subnets["agent-1"]).not.toBe("10.213.0.0/29");
    },
  );

  test("stay where there is nowhere else to go: nothing that works is taken down for a route", () => {
    const request = {
      taken: ["10.213.0.0/29"],
      routes: [cidr("10.213.0.0/16")],
      pool: cidr("10.213.0.0/24"),
    };
    const { subnets, misplaced } = place({ "agent-1": "10.213.0.0/29", "agent-2": undefined }, request);
    expect({ subnets, misplaced }).toEqual({ subnets: { "agent-1": "10.213.0.0/29" }, misplaced: {} });
  });

  test("stay beside routes to elsewhere", () => {
    const request = { taken: ["10.213.0.0/29"], routes: [cidr("10.213.0.8/29"), cidr("192.168.0.0/16")] };
    expect(place({ "agent-1": "10.213.0.0/29" }, request)).toMatchObject({
      subnets: { "agent-1": "10.213.0.0/29" },
      misplaced: {},
    });
  });

  test("of a pool that is used up are none", () => {
    const { subnets, next } = place({ "agent-1": undefined }, { taken: ["10.213.0.0/24"] });
    expect([subnets, next()]).toEqual([{}, undefined]);
  });
});
