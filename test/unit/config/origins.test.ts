import { describe, expect, it } from "vitest";
import { flattenSettings } from "../../../src/config/flatten.js";
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
    expect(Object.fromEntries(origins)).toEqual({
      "project.overlays": { source: "default" },
      "project.base": { source: "default" },
      "worktrees.layout": { source: "default" },
      "worktrees.branch_prefix": { source: "default" },
      "image.base": { source: "default" },
      "image.packages": {
        source: "overlay",
        overlay: "tools",
        file: "shipped/tools/overlay.toml",
        line: 2,
        column: 1,
        also: [{ source: "file", file: "devkit.toml", line: 3, column: 1 }],
      },
      "image.use": { source: "default" },
      // The same value as the default, and still set by the file.
      "container.memory": { source: "file", file: "devkit.toml", line: 6, column: 3 },
      "container.cpus": { source: "default" },
      "container.pids": { source: "default" },
      "container.tmp": { source: "default" },
      "container.env.TZ": { source: "file", file: "devkit.toml", line: 7, column: 5 },
      "container.env.LANG": {
        source: "overlay",
        overlay: "tools",
        file: "shipped/tools/overlay.toml",
        line: 4,
        column: 1,
      },
      "custody.gitlinks": { source: "default" },
      "workspace.copy": { source: "default" },
    });
  });

  it("of packages name every layer that brings one", async () => {
    const project = await layeredProject();
    await project.write("shipped/more/overlay.toml", `image.packages = ["vim"]\n`);
    const { origins } = await project.load(["tools", "more"]);
    expect(origins.get("image.packages")).toEqual({
      source: "overlay",
      overlay: "more",
      file: "shipped/more/overlay.toml",
      also: [
        { source: "file", file: "devkit.toml" },
        { source: "overlay", overlay: "tools", file: "shipped/tools/overlay.toml" },
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

describe("flattenSettings", () => {
  it("lists settings in the order of the settings, and variables by name", async () => {
    const project = await layeredProject();
    const { settings } = await project.load();
    expect(flattenSettings(settings)).toEqual([
      ["project.overlays", []],
      ["project.base", "HEAD"],
      ["worktrees.layout", "nested"],
      ["worktrees.branch_prefix", undefined],
      ["image.base", "debian:bookworm-slim"],
      ["image.packages", ["make"]],
      ["image.use", undefined],
      ["container.memory", 4 * 1024 ** 3],
      ["container.cpus", 2],
      ["container.pids", 512],
      ["container.tmp", 1024 ** 3],
      ["container.env.LANG", "C"],
      ["container.env.TZ", "UTC"],
      ["custody.gitlinks", "refuse"],
      ["workspace.copy", []],
    ]);
  });
});
