import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isDevkitError } from "../../../../src/base/errors.js";
import { flattenSettings } from "../../../../src/config/flatten.js";
import { formatSetting } from "../../../../src/config/format-setting.js";
import type { Origin } from "../../../../src/config/layer.js";
import { settingVariables } from "../../../../src/config/setting-variables.js";
import { loadConfig } from "../../../../src/config/load.js";
import { problemsOf } from "../temp-project.js";

const FIXTURES = path.join(import.meta.dirname, "fixtures");
const names = (await readdir(FIXTURES)).filter((name) => name.endsWith(".json"));

let dir: string;

beforeAll(async () => {
  dir = await realpath(await mkdtemp(path.join(os.tmpdir(), "devkit-devcontainers-")));
  vi.stubEnv("HOME", "/home/tess")
    .stubEnv("USERPROFILE", "")
    .stubEnv("USER", "tess")
    .stubEnv("UID", undefined);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

const place = ({ line, column }: Pick<Origin, "line" | "column">) => `${String(line)}:${String(column)}`;

/** Every setting that comes from the file, each with its place; or every problem of the file. */
async function outcomeOf(name: string): Promise<string> {
  const root = path.join(dir, name, "app");
  await mkdir(path.join(root, ".devcontainer"), { recursive: true });
  const text = await readFile(path.join(FIXTURES, name));
  await writeFile(path.join(root, ".devcontainer", "devcontainer.json"), text);
  // The file's own name is in every place.
  const shown = (lines: readonly string[]) =>
    `${lines
      .join("\n")
      .replaceAll(root, "<root>")
      .replaceAll(path.dirname(root), "<above>")
      .replaceAll(/\b[0-9a-f]{16}\b/g, "<id>")
      .replaceAll(".devcontainer/devcontainer.json:", "")}\n`;
  try {
    const loaded = await loadConfig({
      ...{ root, overlays: ["devcontainer"], overlayDirs: [], positions: true, home: "/home/me" },
      variables: settingVariables(process.env, root),
    });
    const set = flattenSettings(loaded.settings).flatMap(([key, value]) => {
      const origin = loaded.origins.get(key);
      if (origin?.source !== "overlay") return [];
      const entries = origin.entries?.filter((entry) => entry.origin.source === "overlay");
      if (entries === undefined) return [`${key} = ${formatSetting(key, value)} (${place(origin)})`];
      return entries.map((entry) => `${key} + ${JSON.stringify(entry.value)} (${place(entry.origin)})`);
    });
    return shown([...set, ...loaded.notes.map((note) => `note ${note}`)]);
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    const lines = problemsOf(error).flatMap((problem) => {
      const hint = problem.hint === undefined ? [] : [`  hint: ${problem.hint}`];
      return [`error ${place(problem)}: ${problem.message}`, ...hint];
    });
    return shown(lines);
  }
}

describe("a devcontainer.json as people write them works, or what of it is not supported is named at its place", () => {
  test.each(names)("%s", async (name) => {
    const pinned = path.join(FIXTURES, name.replace(/\.json$/, ".pinned.txt"));
    await expect(await outcomeOf(name)).toMatchFileSnapshot(pinned);
  });

  test("there are at least thirty, and each has its outcome pinned", async () => {
    expect(names.length).toBeGreaterThanOrEqual(30);
    const pinned = (await readdir(FIXTURES)).filter((name) => name.endsWith(".pinned.txt"));
    expect(pinned.map((name) => name.replace(/\.pinned\.txt$/, ".json")).sort()).toEqual([...names].sort());
  });
});
