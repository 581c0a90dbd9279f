import { describe, expect, it } from "vitest";
import { findClosest } from "../../../src/config/closest.js";

const KEYS = ["memory", "cpus", "pids", "tmp", "env"];

describe("findClosest", () => {
  it.each([
    ["memory", "memory"],
    ["memry", "memory"],
    ["memoryy", "memory"],
    ["mmeory", "memory"],
    ["MEMORY", "memory"],
    ["mem", "memory"],
    ["pid", "pids"],
    ["environment", undefined],
    ["tpm", "tmp"],
    ["etv", "env"],
    ["network", undefined],
    ["mxmxrx", undefined],
    ["pxxs", undefined],
    ["x", undefined],
    ["", undefined],
  ])("%j → %j", (word, wanted) => {
    expect(findClosest(word, KEYS)).toBe(wanted);
  });

  it("takes the nearest of several, the first of equals", () => {
    expect(findClosest("bake", ["cake", "baker", "bakes"])).toBe("cake");
    expect(findClosest("overlay-tow", ["overlay-one", "overlay-two"])).toBe("overlay-two");
  });
});
