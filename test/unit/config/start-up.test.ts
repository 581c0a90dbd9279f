import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProject } from "./temp-project.js";

const PACKAGES = ["@iarna/toml", "toml-eslint-parser", "valibot"];

/** Packages imported since the test began, in the order of names. */
const imported = new Set<string>();

beforeEach(() => {
  imported.clear();
  vi.resetModules();
  for (const name of PACKAGES) {
    vi.doMock(name, async (original) => {
      imported.add(name);
      return original();
    });
  }
});

afterEach(() => {
  for (const name of PACKAGES) vi.doUnmock(name);
});

/** Loads with modules of its own, so that nothing is left over from other tests. */
async function importedBy(text: string | undefined, positions = false): Promise<string[]> {
  const project = await createProject();
  if (text !== undefined) await project.write("devkit.toml", text);
  const { loadConfig } = await import("../../../src/config/load.js");
  await loadConfig({ ...project.request(), positions }).catch(() => undefined);
  return [...imported].sort();
}

describe("packages that loadConfig imports", () => {
  it("none without a file", async () => {
    expect(await importedBy(undefined)).toEqual([]);
    expect(await importedBy(undefined, true)).toEqual([]);
  });

  it("the parser and the schema with a file", async () => {
    expect(await importedBy("[container]\npids = 20\n")).toEqual(["@iarna/toml", "valibot"]);
  });

  it("the parser with positions only when one is needed", async () => {
    expect(await importedBy("[container]\npids = 20\n", true)).toEqual(PACKAGES);
  });

  it("the parser with positions for an error", async () => {
    expect(await importedBy("[container]\npids = 1\n")).toEqual(PACKAGES);
  });
});
