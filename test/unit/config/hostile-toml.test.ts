import { expect, it } from "vitest";
import { createProject } from "./temp-project.js";

it.each([
  ["nested lists", `a = ${"[".repeat(120_000)}`],
  ["nested tables", `a = ${"{a=".repeat(30_000)}`],
  ["a long dotted key", `${"a.".repeat(60_000)}a = 1`],
  ["a table in a table", `[${"a.".repeat(60_000)}a]`],
  ["unknown keys", Array.from({ length: 12_000 }, (_, n) => `k${n.toString(36)} = 1\n`).join("")],
  ["a long key", `${"k".repeat(100_000)} = 1`],
  [
    "wrong values",
    `[container]\nenv = { ${Array.from({ length: 10_000 }, (_, n) => `a${String(n)} = 1`).join(", ")} }`,
  ],
  ["wrong entries", `[image]\npackages = [${"1,".repeat(50_000)}]`],
  ["variables", `[container]\nworkdir = "${"${A:-".repeat(20_000)}"`],
  ["open quotes", `[container]\nworkdir = ${'"'.repeat(120_000)}`],
])(
  "%s are refused in little time, however many",
  async (_, text) => {
    const project = await createProject();
    await project.write("devkit.toml", text);
    const started = performance.now();
    await expect(project.load()).rejects.toMatchObject({ code: "E_CONFIG" });
    expect(performance.now() - started).toBeLessThan(10_000);
  },
  60_000,
);
