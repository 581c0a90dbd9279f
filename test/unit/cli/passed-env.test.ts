import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { findPassedEnv } from "../../../src/cli/passed-env.js";
import { loadConfig } from "../../../src/config/load.js";
import { settingVariables } from "../../../src/config/setting-variables.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import type { LabelledContainer } from "../../../src/app/ports-engine.js";
import { tempDir } from "../support/temp.js";

const SHIPPED = path.resolve(import.meta.dirname, "../../../overlays");
const ENV = { OPENAI_API_KEY: "sk-1", EMPTY: "", MINE: "mine", OTHER: "other", PATH: "/bin" };
let root: string;
let warnings: string[];
let approved: ReadonlySet<string>;

beforeEach(async () => {
  [root, warnings, approved] = [await tempDir(), [], new Set()];
});

const toml = (names: string[]) => `[agent]\npass_env = ${JSON.stringify(names)}\n`;
const overlay = async (name: string, text: string) => {
  const dir = path.join(root, ".devkit-overlays", name);
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, "overlay.toml"), text);
};

/** What a command in agent 2 gets, whose container was made with these overlays. */
const passed = (overlays: string[] = []) => {
  const config = JSON.stringify(overlays.length === 0 ? {} : { overlays: overlays.join(", ") });
  const overlayDirs = [path.join(root, ".devkit-overlays"), SHIPPED];
  const user = { variables: settingVariables({}, root), home: root };
  return findPassedEnv(
    {
      root,
      env: ENV,
      load: (more) => loadConfig({ root, overlays: more, overlayDirs, ...user }),
      trust: { approvedTexts: () => Promise.resolve(approved) },
      warn: (text) => warnings.push(text),
    },
    { agent: agentAt(2), container: { config } as LabelledContainer },
  );
};

test("nothing is passed that nobody named", async () => {
  expect(await passed()).toEqual({});
  expect(warnings).toEqual([]);
});

test("an overlay of devkit's names what its program needs, when the container was made with it", async () => {
  expect(await passed(["codex"])).toEqual({ OPENAI_API_KEY: "sk-1" });
  expect(await passed(["claude"])).toEqual({});
});

test("what the repository names is passed when that was approved; unset and empty ones are not there", async () => {
  await writeFile(path.join(root, "devkit.toml"), toml(["MINE", "OTHER", "EMPTY", "UNSET"]));
  expect(await passed(["codex"])).toEqual({ OPENAI_API_KEY: "sk-1" });
  expect(warnings).toEqual([expect.stringMatching(/^MINE, OTHER is not passed on: .*devkit trust$/)]);
  approved = new Set(["your variable MINE"]);
  expect(await passed()).toEqual({ MINE: "mine" });
  approved = new Set(["your variable MINE", "your variable OTHER"]);
  warnings = [];
  expect(await passed()).toEqual({ MINE: "mine", OTHER: "other" });
  expect(warnings).toEqual([]);
});

test("an overlay for one agent names them for that agent alone", async () => {
  approved = new Set(["your variable MINE", "your variable OTHER"]);
  await overlay("agent1", toml(["MINE"]));
  await overlay("agent2", toml(["OTHER"]));
  expect(await passed(["agent2"])).toEqual({ OTHER: "other" });
});

test("a mistake in the settings keeps nobody from running commands", async () => {
  await writeFile(path.join(root, "devkit.toml"), "[agent]\npas_env = 1\n");
  expect(await passed()).toEqual({});
  expect(warnings).toEqual([expect.stringContaining("none of your variables are passed on")]);
  await writeFile(path.join(root, "devkit.toml"), "");
  expect(await passed(["gone"])).toEqual({});
  expect(warnings).toHaveLength(2);
});
