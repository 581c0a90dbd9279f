import { describe, expect, test } from "vitest";
import { provideToolFiles } from "../../../../src/app/tools/provide-tool-files.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import type { ObservedAgent } from "../../../../src/domain/agents/observed.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import type { SpecExtras } from "../../../../src/domain/mounts/extras.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createFakeHomes } from "../../fakes/homes.js";
import { createFakeProgress } from "../../fakes/progress.js";
import { PROJECT } from "../../support/things.js";

const [ONE, TWO] = [agentAt(1), agentAt(2)];
const WORKTREE = agentPaths(PROJECT, ONE).worktree;
const BOTH = ["@openai/codex@0.169.0", "@anthropic-ai/claude-code@2.1.330"];

interface Given {
  readonly npm?: readonly string[];
  readonly hasHome?: boolean;
  readonly configs?: NonNullable<SpecExtras["toolConfigs"]>;
  readonly files?: Readonly<Record<string, string>>;
}

function provide({ npm = BOTH, hasHome = true, configs = {}, files = {} }: Given) {
  const homes = createFakeHomes();
  const progress = createFakeProgress();
  for (const [path, content] of Object.entries(files))
    homes.write(agentPaths(PROJECT, ONE), [{ path, mode: 0o640, content }]);
  const wanted = [{ agent: ONE, state: { home: hasHome, git: hasHome } }] as unknown as ObservedAgent[];
  const settings = { ...DEFAULT_SETTINGS, image: { ...DEFAULT_SETTINGS.image, npm } };
  const extras = { mounts: [], env: {}, overlays: [], toolConfigs: configs };
  const add = provideToolFiles(
    { project: PROJECT, homes, progress },
    { wanted, settingsOf: () => settings, extrasOf: () => extras },
  );
  const text = (file: string, agent = ONE) => homes.files.get(`${agent.name}/${file}`)?.content ?? "";
  return { homes, progress, add, text };
}

describe("a home that is there", () => {
  test("gets the keys that are missing, no more, and keeps modes", () => {
    const before = '{"model":"opus"}';
    const { homes, text } = provide({ files: { ".claude/settings.json": before } });
    expect(text(".codex/config.toml")).toContain(`[projects.${JSON.stringify(WORKTREE)}]`);
    expect(JSON.parse(text(".claude/settings.json"))).toMatchObject({
      ...{ model: "opus", permissions: { defaultMode: "bypassPermissions" } },
    });
    expect(Object.keys((JSON.parse(text(".claude/.claude.json")) as { projects: object }).projects)).toEqual([
      ...["/workspace", WORKTREE],
    ]);
    expect(homes.files.get("agent-1/.claude/settings.json")?.mode).toBe(0o640);
    expect(homes.files.get("agent-1/.codex/config.toml")?.mode).toBe(0o600);
  });

  test("gets a copy of the user's settings only where it has none, and what is no JSON stays", () => {
    const { text } = provide({
      files: { ".claude/settings.json": "{broken", ".claude/.claude.json": "[]" },
      configs: { codex: 'model = "mine"\n', claude: "{}" },
    });
    expect(text(".codex/config.toml")).toMatch(/^model = "mine"\n\n\[projects\."/);
    expect([text(".claude/settings.json"), text(".claude/.claude.json")]).toEqual(["{broken", "[]"]);
  });

  test("is left alone where the agent has neither program, and where something else is in the place", () => {
    expect(provide({ npm: ["pnpm@12.21.0"] }).homes.files.size).toBe(0);
    const link = provide({ hasHome: false });
    // What is there and cannot be read: a link, a directory.
    link.homes.read = () => undefined;
    link.homes.write(agentPaths(PROJECT, ONE), [
      ...[".codex/config.toml", ".claude/settings.json", ".claude/.claude.json"].map((path) => ({
        ...{ path, mode: 0o777, content: "a link" },
      })),
    ]);
    link.add(ONE);
    expect(link.text(".codex/config.toml")).toBe("a link");
    expect(link.text(".claude/.claude.json")).toBe("a link");
  });

  test("that is in the way is that agent's own trouble", () => {
    const { homes, progress } = provide({ hasHome: false });
    homes.write = () => {
      throw new DevkitError("E_HOME", "something stands in the place of ~/.claude");
    };
    const wanted = [{ agent: ONE, state: { home: true, git: true } }] as unknown as ObservedAgent[];
    const settings = { ...DEFAULT_SETTINGS, image: { ...DEFAULT_SETTINGS.image, npm: BOTH } };
    provideToolFiles(
      { project: PROJECT, homes, progress },
      { wanted, settingsOf: () => settings, extrasOf: undefined },
    );
    expect(progress.warnings).toEqual([
      "agent-1: its programs could not be set up: something stands in the place of ~/.claude",
    ]);
  });
});

test("a new home gets a copy of the user's settings, and then the keys", () => {
  const { add, text, homes } = provide({
    hasHome: false,
    configs: { codex: 'model = "mine"\n', claude: '{"permissions":{"defaultMode":"plan"}}' },
  });
  expect(homes.files.size).toBe(0);
  add(TWO);
  expect(text(".codex/config.toml", TWO)).toMatch(/^model = "mine"\n\n\[projects\."/);
  expect(JSON.parse(text(".claude/settings.json", TWO))).toMatchObject({
    ...{ permissions: { defaultMode: "plan" }, skipDangerousModePermissionPrompt: true },
  });
});

test("the user's settings are copied though the image is not known to have the program", () => {
  const { add, text } = provide({ npm: [], hasHome: false, configs: { codex: 'model = "mine"\n' } });
  add(ONE);
  expect(text(".codex/config.toml")).toBe('model = "mine"\n');
});
