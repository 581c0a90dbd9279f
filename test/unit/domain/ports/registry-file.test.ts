import { describe, expect, test } from "vitest";
import { formatRegistry, parseRegistry } from "../../../../src/domain/ports/registry-file.js";

const block = { first: 20_000, size: 10, project: "demo-1", agent: "agent-1", root: "/src/demo" };

describe("the registry's file", () => {
  test("is read as it was written, lowest ports first", () => {
    const other = { ...block, first: 20_010, agent: "agent-2" };
    expect(parseRegistry(formatRegistry([other, block]))).toEqual({ ok: true, blocks: [block, other] });
    expect(parseRegistry(formatRegistry([]))).toEqual({ ok: true, blocks: [] });
  });

  test.each([
    ["", "it is no JSON"],
    ['{"version":1,"blocks":[', "it is no JSON"],
    ["null", "it is not of version 1"],
    ['{"version":2,"blocks":[]}', "it is not of version 1"],
    ['{"version":1}', "it has no blocks"],
    ['{"version":1,"blocks":[null]}', "block 1 of it is none"],
    [formatRegistry([block, { ...block, first: 0.5 }]), "block 1 of it is none"],
    [formatRegistry([block, { ...block, first: 30_000, root: "" }]), "block 2 of it is none"],
  ])("that is not one is a problem, never a part of one: %s", (text, problem) => {
    expect(parseRegistry(text)).toEqual({ ok: false, problem });
  });
});
