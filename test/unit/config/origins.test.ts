import { describe, expect, it } from "vitest";
import { allowedNames } from "../../../src/config/allowed-names.js";
import { flattenSettings } from "../../../src/config/flatten.js";
import { SHARED_BY_DEFAULT } from "../../../src/domain/caches/cache-names.js";
import { DEFAULT_SETTINGS } from "../../../src/domain/settings/settings.js";
import { createProject } from "./temp-project.js";

async function layeredProject() {
  const project = await createProject();
  await project.write(
    "devkit.toml",
    `# comment
[image]
packages = ["make"]

[container]
  memory = "4g"
env.TZ = "UTC"
env.LANG = "C"
`,
  );
  await project.write(
    "shipped/tools/overlay.toml",
    `[image]\npackages = ["make", "jq"]\n[container.env]\n"LANG" = "de"\n`,
  );
  await project.write("shipped/same/overlay.toml", `image = { packages = ["jq"] }\n`);
  return project;
}

describe("origins", () => {
  it("name the file, line and column that each setting has its value from", async () => {
    const project = await layeredProject();
    const { origins } = await project.load(["tools", "same"], { positions: true });
    const defaults = flattenSettings(DEFAULT_SETTINGS).map(([key]) => [key, { source: "default" }]);
    expect(Object.fromEntries(origins)).toEqual({
      ...Object.fromEntries(defaults),
      "image.packages": {
        source: "overlay",
        overlay: "tools",
        file: "shipped/tools/overlay.toml",
        line: 2,
        column: 1,
        entries: [
          { value: "make", origin: { source: "file", file: "devkit.toml", line: 3, column: 13 } },
          {
            value: "jq",
            origin: {
              source: "overlay",
              overlay: "tools",
              file: "shipped/tools/overlay.toml",
              line: 2,
              column: 21,
            },
          },
        ],
      },
      // The same value as the default, and still set by the file.
      "container.memory": { source: "file", file: "devkit.toml", line: 6, column: 3 },
      "container.env.TZ": { source: "file", file: "devkit.toml", line: 7, column: 5 },
      "container.env.LANG": {
        source: "overlay",
        overlay: "tools",
        file: "shipped/tools/overlay.toml",
        line: 4,
        column: 1,
      },
    });
  });

  it("of names that agents may reach say of each which layer asked for it first", async () => {
    const project = await createProject();
    await project.write("devkit.toml", `[egress]\nallow = [\n  "GitHub.com:443",\n  "preset:npm",\n]\n`);
    await project.write("shipped/more/overlay.toml", `egress.allow = ["github.com", "*.Example.com"]\n`);
    const { origins, settings } = await project.load(["more"], { positions: true });
    expect(settings.egress.allow).toEqual(["github.com", "preset:npm", "*.example.com"]);
    const more = { source: "overlay", overlay: "more", file: "shipped/more/overlay.toml" };
    expect(origins.get("egress.allow")).toEqual({
      ...more,
      line: 1,
      column: 8,
      entries: [
        { value: "github.com", origin: { source: "file", file: "devkit.toml", line: 3, column: 3 } },
        { value: "preset:npm", origin: { source: "file", file: "devkit.toml", line: 4, column: 3 } },
        { value: "*.example.com", origin: { ...more, line: 1, column: 31 } },
      ],
    });
  });

  it("of names that may be private say of each which layer asked for it first", async () => {
    const project = await createProject();
    await project.write("devkit.toml", `egress.private = ["npm.corp.example"]\n`);
    await project.write(
      "shipped/more/overlay.toml",
      `egress.private = ["NPM.corp.example", "go.corp.example"]\n`,
    );
    const { origins } = await project.load(["more"]);
    const more = { source: "overlay", overlay: "more", file: "shipped/more/overlay.toml" };
    expect(origins.get("egress.private")).toEqual({
      ...more,
      entries: [
        { value: "npm.corp.example", origin: { source: "file", file: "devkit.toml" } },
        { value: "go.corp.example", origin: more },
      ],
    });
  });

  it("of an empty list name who emptied it, and of one that brings nothing new who brought it", async () => {
    const project = await createProject();
    await project.write("devkit.toml", `[egress]\nallow = []\n[image]\npackages = ["jq"]\n`);
    await project.write("shipped/same/overlay.toml", `egress.allow = []\nimage.packages = ["jq"]\n`);
    const { origins } = await project.load(["same"]);
    expect(origins.get("egress.allow")).toMatchObject({ source: "overlay" });
    expect(origins.get("image.packages")).toMatchObject({ source: "file" });
  });

  it("of packages name every layer that brings one", async () => {
    const project = await layeredProject();
    await project.write("shipped/more/overlay.toml", `image.packages = ["vim"]\n`);
    const { origins } = await project.load(["tools", "more"]);
    expect(origins.get("image.packages")).toEqual({
      source: "overlay",
      overlay: "more",
      file: "shipped/more/overlay.toml",
      entries: [
        { value: "make", origin: { source: "file", file: "devkit.toml" } },
        {
          value: "jq",
          origin: { source: "overlay", overlay: "tools", file: "shipped/tools/overlay.toml" },
        },
        { value: "vim", origin: { source: "overlay", overlay: "more", file: "shipped/more/overlay.toml" } },
      ],
    });
  });

  it("come without positions unless asked for", async () => {
    const project = await layeredProject();
    const { origins } = await project.load();
    expect(origins.get("container.memory")).toEqual({ source: "file", file: "devkit.toml" });
  });

  it("have exactly the keys of the flattened settings", async () => {
    const project = await layeredProject();
    const { origins, settings } = await project.load(["tools"]);
    expect([...origins.keys()].sort()).toEqual(
      flattenSettings(settings)
        .map(([key]) => key)
        .sort(),
    );
  });

  it("show a file outside the project by its full path", async () => {
    const [project, elsewhere] = [await createProject(), await createProject()];
    const file = await elsewhere.write("x.toml", "[container]\npids = 20\n");
    const { origins } = await project.load([], { configFile: file });
    expect(origins.get("container.pids")).toEqual({ source: "file", file });
  });
});

describe("allowedNames", () => {
  it("says of each name who asked for it first", async () => {
    const project = await createProject();
    await project.write("devkit.toml", `[egress]\nallow = ["b.example.com"]\n`);
    await project.write("shipped/more/overlay.toml", `egress.allow = ["preset:npm", "b.example.com"]\n`);
    expect(allowedNames(await project.load(["more"]))).toEqual([
      { text: "b.example.com", place: "devkit.toml" },
      { text: "preset:npm", place: "overlay more (shipped/more/overlay.toml)" },
    ]);
    const placed = await project.load(["more"], { positions: true });
    expect(allowedNames(placed)[0]?.place).toBe("devkit.toml:2:10");
    expect(allowedNames(await (await createProject()).load())).toEqual([]);
  });
});

describe("flattenSettings", () => {
  it("lists settings in the order of the settings, and variables by name", async () => {
    const project = await layeredProject();
    const { settings } = await project.load();
    expect(flattenSettings(settings)).toEqual([
      ["project.overlays", []],
      ["project.base", "HEAD"],
      ["project.profiles", []],
      ["project.count", undefined],
      ["worktrees.layout", "nested"],
      ["worktrees.branch_prefix", undefined],
      ["image.base", "debian:bookworm-slim"],
      ["image.dockerfile", undefined],
      ["image.context", undefined],
      ["image.target", undefined],
      ["image.packages", ["make"]],
      ["image.npm", []],
      ["image.use", undefined],
      ["container.memory", 4 * 1024 ** 3],
      ["container.cpus", 2],
      ["container.pids", 512],
      ["container.tmp", 1024 ** 3],
      ["container.env.LANG", "C"],
      ["container.env.TZ", "UTC"],
      ["container.env_file", []],
      ["container.mounts", []],
      ["container.workspace_at", undefined],
      ["container.workdir", "/workspace"],
      ["container.command", []],
      ["container.user", undefined],
      ["egress.allow", []],
      ["egress.private", []],
      ["egress.pool", "10.213.0.0/16"],
      ["egress.base", "debian:bookworm-slim"],
      ["custody.gitlinks", "refuse"],
      ["workspace.copy", []],
      ["budget.memory", undefined],
      ["budget.cpus", undefined],
      ["budget.pids", undefined],
      ["caches.use", SHARED_BY_DEFAULT],
      ["caches.trust", "shared"],
      ["hooks.on_create", []],
      ["hooks.on_start", []],
      ["hooks.warm", []],
      ["hooks.maintain", []],
      ["hooks.host", []],
      ["ports.base", 20_000],
      ["ports.block", 10],
      ["ports.publish", []],
      ["agent.identity", undefined],
      ["agent.sign", false],
      ["agent.pass_env", []],
      ["agent.command", "claude"],
      ["agent.args", []],
      ["agent.use_tmux", true],
      ["agent.auto_assign", true],
      ["agent.notify", undefined],
      ["ssh.known_hosts", []],
      ["codex.pool", undefined],
      ["codex.config", undefined],
      ["claude.pool", undefined],
      ["claude.config", undefined],
      ["tasks.prefix", "TSK"],
      ["tasks.lease", "1h"],
      ["check.list", []],
    ]);
  });
});
