import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.js";
import { settingVariables } from "../../../src/config/setting-variables.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { tempDir } from "../support/temp.js";

const SHIPPED = path.resolve(import.meta.dirname, "../../../overlays");

const load = async (...overlays: string[]) => {
  const root = await tempDir();
  const user = { variables: settingVariables({}, root), home: root };
  return loadConfig({ root, overlays, overlayDirs: [SHIPPED], ...user });
};

test("every overlay that comes with devkit can be read, alone and all together", async () => {
  const names = (await readdir(SHIPPED)).sort();
  expect(names).toEqual(expect.arrayContaining(["claude", "codex", "node", "python", "scala", "small"]));
  for (const name of names) expect((await load(name)).files).toHaveLength(1);
  expect((await load(...names)).files).toHaveLength(names.length);
});

test.each([
  ["codex", /^@openai\/codex@\d+\.\d+\.\d+$/, "preset:codex"],
  ["claude", /^@anthropic-ai\/claude-code@\d+\.\d+\.\d+$/, "preset:claude"],
  ["node", /^pnpm@\d+\.\d+\.\d+$/, "preset:npm"],
])("%s brings its program at a pinned version, and the names it needs", async (name, program, preset) => {
  const { settings } = await load(name);
  expect(settings.image.npm).toEqual([expect.stringMatching(program)]);
  expect(settings.egress.allow).toEqual([preset]);
});

test("codex and claude go together, and with a language, in one agent", async () => {
  const { settingsOf } = await load("codex", "claude", "python");
  const { image, egress, container } = settingsOf(agentAt(1));
  expect(image.npm).toHaveLength(2);
  expect(image.packages).toContain("python3-venv");
  expect([...egress.allow].sort()).toEqual(["preset:claude", "preset:codex", "preset:pip"]);
  expect(container.env).toMatchObject({ DISABLE_AUTOUPDATER: "1" });
});

test("none names a host: what an agent may reach comes from presets", async () => {
  for (const name of await readdir(SHIPPED)) {
    const text = await readFile(path.join(SHIPPED, name, "overlay.toml"), "utf8").catch(() => "");
    expect(text).not.toMatch(/https?:/);
  }
});
