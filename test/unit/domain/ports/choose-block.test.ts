import { describe, expect, test } from "vitest";
import { formatBlock, parseBlock } from "../../../../src/domain/ports/block.js";
import { findMisfit, freeBlocks } from "../../../../src/domain/ports/choose-block.js";

const first = (
  wanted: { base: number; block: number },
  taken: { first: number; size: number }[],
  count = 1,
) => [...freeBlocks(wanted, taken)].slice(0, count).map(formatBlock);

describe("the blocks that are free", () => {
  test("begin at the base, one after the other", () => {
    expect(first({ base: 20_000, block: 10 }, [], 3)).toEqual(["20000-20009", "20010-20019", "20020-20029"]);
  });

  test("overlap none of another size, wherever that begins", () => {
    const taken = [
      { first: 20_005, size: 1 },
      { first: 20_019, size: 2 },
      { first: 19_000, size: 1001 },
    ];
    expect(first({ base: 20_000, block: 10 }, taken, 2)).toEqual(["20030-20039", "20040-20049"]);
  });

  test("end with the last port there is", () => {
    expect(first({ base: 65_520, block: 10 }, [], 9)).toEqual(["65520-65529"]);
    expect(first({ base: 65_526, block: 10 }, [], 9)).toEqual(["65526-65535"]);
    expect(first({ base: 65_527, block: 10 }, [], 9)).toEqual([]);
  });
});

describe("a block that an agent has", () => {
  const block = { first: 20_010, size: 10 };

  test.each([
    [{ base: 20_000, block: 10 }, undefined],
    [{ base: 20_010, block: 5 }, undefined],
    [{ base: 20_000, block: 11 }, "20010-20019 are fewer than 11 ports"],
    [{ base: 20_011, block: 10 }, "20010-20019 are below 20011"],
  ])("stays its own when it fits %o: %s", (wanted, misfit) => {
    expect(findMisfit(block, wanted)).toBe(misfit);
  });

  test("is read as it is written, and nothing else is", () => {
    expect(parseBlock(formatBlock(block))).toEqual(block);
    for (const text of ["", "20010", "20019-20010", "a-b", " 20010-20019", "20010-20019x"])
      expect(parseBlock(text)).toBeUndefined();
  });
});
