import path from "node:path";
import { describe, expect, it } from "vitest";
import { flattenSettings } from "../../../src/config/flatten.js";
import { formatSetting } from "../../../src/config/format-setting.js";
import { configTemplate } from "../../../src/config/template.js";
import { DEFAULT_SETTINGS, type Settings } from "../../../src/domain/settings/settings.js";
import { createProject, HOME } from "./temp-project.js";

async function load(text: string): Promise<{ settings: Settings; root: string }> {
  const project = await createProject();
  await project.write("devkit.toml", text);
  return { settings: (await project.load()).settings, root: project.root };
}

const settingsOf = async (text: string) => (await load(text)).settings;

const uncomment = (text: string) => text.replaceAll(/^#(?=[a-z])/gm, "");

describe("configTemplate", () => {
  const template = configTemplate(DEFAULT_SETTINGS);

  it("changes nothing as written", async () => {
    expect(await settingsOf(template)).toEqual(DEFAULT_SETTINGS);
  });

  it("uncommented holds every key with its default, and an example where there is none", async () => {
    const { project, worktrees, image, container, agent, ...others } = DEFAULT_SETTINGS;
    const { settings, root } = await load(uncomment(template));
    expect(settings).toEqual({
      ...others,
      project: { ...project, count: 3 },
      worktrees: { ...worktrees, branch_prefix: "agent" },
      image: {
        ...image,
        dockerfile: `${root}/Dockerfile`,
        context: root,
        target: "dev",
        use: "my-agent-image:latest",
      },
      container: { ...container, workspace_at: "/workspaces/app", user: "agent" },
      budget: { memory: 16 * 1024 ** 3, cpus: 8, pids: 4096 },
      agent: {
        ...agent,
        identity: "{name} ({agent}) <{email}>",
        notify: 'notify-send "$DEVKIT_AGENT: $DEVKIT_STATE"',
      },
      codex: {
        pool: path.join(HOME, "codex-logins"),
        config: path.join(HOME, ".codex/config.toml"),
      },
      claude: {
        pool: path.join(HOME, "claude-logins"),
        config: path.join(HOME, ".claude/settings.json"),
      },
    });
    const { check: _, ...tables } = DEFAULT_SETTINGS;
    const keys = flattenSettings(tables).map(([key]) => key.split(".")[1] ?? "");
    const shown = template.match(/^#[a-z_]+(?= = )/gm) ?? [];
    expect([...shown].sort()).toEqual(
      [...keys, "args", "features", "env", "hosts", "topics"].map((key) => `#${key}`).sort(),
    );
  });

  it("explains each key in one line above it, and is narrow enough to read", () => {
    const lines = template.split("\n");
    for (const [index, line] of lines.entries()) {
      if (/^#[a-z]/.test(line)) expect(lines[index - 1]).toMatch(/^# [A-Z].*\.$/);
      expect(line.length).toBeLessThanOrEqual(120);
    }
    expect(template.endsWith("\n")).toBe(true);
  });

  it("shows the defaults it is given", async () => {
    const other: Settings = {
      project: { overlays: ["small"], base: 'v"1"', profiles: ["open", "dns"], count: 4 },
      worktrees: { layout: "dev-root", branch_prefix: "team/bot-" },
      image: {
        base: "x",
        dockerfile: "/d/Dockerfile",
        context: "/d",
        args: { V: "1" },
        target: "dev",
        features: { "/f": "{}" },
        packages: ["jq", "make"],
        npm: ["@a/b@1.2.3"],
        use: "y",
      },
      container: {
        memory: 1536 * 1024 ** 2,
        cpus: 0.5,
        pids: 99,
        tmp: 2_000_001,
        env: { A: "a\\b", B: "" },
        env_file: ["/e"],
        mounts: ["/a:/b:ro", "v:/w"],
        workspace_at: "/workspaces/app",
        workdir: "/workspace/app",
        command: ["npm", "start"],
        user: "agent",
      },
      egress: {
        allow: ["*.example.com", "preset:pip"],
        private: ["npm.example.com"],
        pool: "172.20.0.0/14",
        base: "z",
      },
      custody: { gitlinks: "allow" },
      workspace: { copy: [".env", "/build/"] },
      budget: { memory: 1024 ** 3, cpus: 3, pids: 100 },
      caches: { use: ["npm", "pnpm", "pip", "uv", "cargo", "go", "coursier", "maven"], trust: "readonly" },
      hooks: { on_create: ["a"], on_start: ["b"], warm: ["c"], maintain: ["d"], host: ["e"] },
      ports: { base: 21_000, block: 5, publish: ["3000"] },
      agent: {
        ...{ identity: "{agent} <{email}>", sign: true, pass_env: ["TOKEN"] },
        ...{ command: "codex", args: ["--task", "{task}"], use_tmux: false, auto_assign: false },
        notify: "bell",
      },
      ssh: {
        hosts: { "git.example.com": "ssh.example.com" },
        known_hosts: ["ssh.example.com ssh-ed25519 AAAA"],
      },
      codex: { pool: "/p", config: "/c" },
      claude: { pool: "/q", config: "/d" },
      tasks: { prefix: "WEB", lease: "30m", topics: { api: "what clients see" } },
      // Each is a table of its own, of which the template has an example only.
      check: { list: [] },
    };
    const project = await createProject();
    await project.write("shipped/small/overlay.toml", "");
    await project.write("devkit.toml", uncomment(configTemplate(other)));
    expect((await project.load()).settings).toEqual(other);
  });
});

describe("formatSetting", () => {
  it.each([
    ["container.memory", 4 * 1024 ** 3, '"4g"'],
    ["container.memory", 1536 * 1024 ** 2, '"1536m"'],
    ["container.tmp", 67_108_865, '"67108865"'],
    ["container.pids", 1024, "1024"],
    ["container.cpus", 0.5, "0.5"],
    ["image.use", undefined, "unset"],
    ["image.packages", ["g++", "jq"], '["g++", "jq"]'],
    ["container.env.X", 'a"\n\u001b\u007f\u009b\u202e', '"a\\"\\n\\u001b\\u007f\\u009b\\u202e"'],
  ])("%s = %j", (key, value, text) => {
    expect(formatSetting(key, value)).toBe(text);
  });

  it("is read back as the same value", async () => {
    const text = 'tab\t "q" \\ \u007f\u009b é 😀 \u2028';
    const settings = await settingsOf(`[container]\nenv.X = ${formatSetting("container.env.X", text)}`);
    expect(settings.container.env).toEqual({ X: text });
  });
});
