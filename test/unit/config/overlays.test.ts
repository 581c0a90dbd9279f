import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { listOverlays } from "../../../src/config/list-overlays.js";
import { overlayDirs } from "../../../src/config/overlay-dirs.js";
import { DEFAULT_SETTINGS } from "../../../src/domain/settings/settings.js";
import { createProject, errorOf, problemsOf } from "./temp-project.js";

const SHIPPED = path.resolve(import.meta.dirname, "../../../overlays");

describe("overlayDirs", () => {
  it("has the project first, then the user, then devkit", () => {
    expect(
      overlayDirs({ root: "/repo", configHome: "/home/me/.config", shippedDir: "/opt/devkit/overlays" }),
    ).toEqual(["/repo/.devkit-overlays", "/home/me/.config/devkit/overlays", "/opt/devkit/overlays"]);
  });
});

describe("an overlay", () => {
  it("is taken from the first directory that has it", async () => {
    const project = await createProject();
    await project.write("shipped/x/overlay.toml", "[container]\npids = 20\n");
    expect((await project.load(["x"])).settings.container.pids).toBe(20);
    await project.write(".devkit-overlays/x/overlay.toml", "[container]\npids = 21\n");
    expect((await project.load(["x"])).settings.container.pids).toBe(21);
  });

  it("is not a folder without overlay.toml", async () => {
    const project = await createProject();
    await mkdir(path.join(project.root, ".devkit-overlays/x"), { recursive: true });
    await project.write("shipped/x/overlay.toml", "[container]\npids = 20\n");
    expect((await project.load(["x"])).settings.container.pids).toBe(20);
  });

  it("is not a file of its name", async () => {
    const project = await createProject();
    await project.write(".devkit-overlays/x", "");
    await project.write("shipped/x/overlay.toml", "[container]\npids = 20\n");
    expect((await project.load(["x"])).settings.container.pids).toBe(20);
  });

  it("has a description of one line", async () => {
    const project = await createProject();
    await project.write("shipped/x/overlay.toml", 'description = """two\nlines"""\n');
    const error = await errorOf(project.load(["x"]));
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(error.message).toBe(
      'shipped/x/overlay.toml:1:15: description must be one line of text, not "two\\nlines"',
    );
  });

  it("may live in a linked folder", async () => {
    const project = await createProject();
    await project.write("elsewhere/overlay.toml", "[container]\npids = 20\n");
    await mkdir(project.overlayDirs[0]);
    await symlink("../elsewhere", path.join(project.overlayDirs[0], "x"));
    expect((await project.load(["x"])).settings.container.pids).toBe(20);
    expect(await listOverlays(project.request())).toHaveLength(1);
  });

  it("reports syntax errors with its own name", async () => {
    const project = await createProject();
    await project.write("shipped/x/overlay.toml", "[container]\npids = \n");
    const error = await errorOf(project.load(["x"]));
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(error.message).toMatch(/^shipped\/x\/overlay\.toml:2:8: /);
    expect(error.hint).toBe("correct shipped/x/overlay.toml, then run: devkit -p x config check");
  });
});

describe("an overlay that does not exist", () => {
  it("is refused with the nearest name and the list of those there are", async () => {
    const project = await createProject();
    await project.write("shipped/small/overlay.toml", "");
    await project.write("shipped/java/overlay.toml", "");
    await project.write(".devkit-overlays/small/overlay.toml", "");
    const error = await errorOf(project.load(["samll"]));
    expect(error).toMatchObject({ code: "E_OVERLAY_UNKNOWN", exitCode: 2 });
    expect(error.message).toBe('there is no overlay named "samll"');
    expect(error.hint).toBe('did you mean "small"? there are: java, small');
    expect(error.details).toEqual({ overlay: "samll", known: ["java", "small"] });
  });

  it("is refused where there are none at all", async () => {
    const project = await createProject();
    const error = await errorOf(project.load(["x"]));
    expect(error).toMatchObject({
      code: "E_OVERLAY_UNKNOWN",
      hint: `there are none; one would be ${project.root}/.devkit-overlays/NAME/overlay.toml`,
    });
  });

  it.each([
    ["devcontaner", 'did you mean "devcontainer"? there are: small'],
    ["tools,small", "one at a time: -p tools -p small; there are: small"],
    [
      "tools",
      "ROOT/.devkit-overlays/tools has neither overlay.toml nor compose.override.yml; there are: small",
    ],
  ])("is refused with what was likely meant: %s", async (name, hint) => {
    const project = await createProject();
    await project.write("shipped/small/overlay.toml", "");
    await project.write(".devkit-overlays/tools/docker-compose.yml", "");
    expect(await errorOf(project.load([name]))).toMatchObject({
      code: "E_OVERLAY_UNKNOWN",
      hint: hint.replace("ROOT", project.root),
    });
  });

  it("is shown at its place in devkit.toml", async () => {
    const project = await createProject();
    await project.write("shipped/small/overlay.toml", "");
    await project.write("devkit.toml", `[project]\noverlays = ["small",\n  "bigg"]\n`);
    const error = await errorOf(project.load());
    expect(error).toMatchObject({ code: "E_OVERLAY_UNKNOWN", exitCode: 2, hint: "there are: small" });
    expect(error.message).toBe('devkit.toml:3:3: there is no overlay named "bigg"');
    expect(problemsOf(error)).toMatchObject([{ line: 3, column: 3, sourceLine: '  "bigg"]' }]);
    expect(error.details["excerpt"]).toBe('  3 |   "bigg"]\n    |   ^');
  });

  it.each(["../x", "x/../x", "/etc", ".", "", "X", "-x", "a\u001b[31m"])(
    "is never a path: %j",
    async (name) => {
      const project = await createProject();
      await project.write("x/overlay.toml", "");
      await project.write("shipped/x/overlay.toml", "");
      const error = await errorOf(project.load([name]));
      expect(error).toMatchObject({ code: "E_OVERLAY_UNKNOWN", exitCode: 2 });
      expect(error.message).not.toContain("\u001b");
      expect(error.hint).toContain("there are: x");
    },
  );
});

describe("listOverlays", () => {
  const plain = { description: undefined, agent: undefined, extends: [], problem: undefined };
  it("names each once, with its directory and description, and shows the broken ones too", async () => {
    const project = await createProject();
    const [own, shipped] = project.overlayDirs;
    await project.write("shipped/b10/overlay.toml", `description = "ten"\n`);
    await project.write("shipped/a/overlay.toml", `description = "shadowed"\n`);
    await project.write(".devkit-overlays/a/overlay.toml", "[container]\npids = 20\n");
    await project.write(".devkit-overlays/broken/overlay.toml", "pids = 20\n");
    await project.write("shipped/Not-a-name/overlay.toml", "");
    await project.write("shipped/README.md", "");
    await project.write("shipped/readme", "");
    expect(await listOverlays(project.request())).toEqual([
      { name: "a", dir: path.join(own, "a"), from: "repository", ...plain },
      { name: "b10", dir: path.join(shipped, "b10"), from: "user", ...plain, description: "ten" },
      {
        name: "broken",
        dir: path.join(own, "broken"),
        from: "repository",
        ...plain,
        problem: '.devkit-overlays/broken/overlay.toml:1:1: unknown key "pids"',
      },
    ]);
  });

  it("says which overlay directory cannot be read", async () => {
    const project = await createProject();
    const dir = path.join(project.root, "loop");
    await symlink("loop", dir);
    const error = await errorOf(listOverlays({ ...project.request(), overlayDirs: [dir] }));
    expect(error).toMatchObject({
      code: "E_CONFIG",
      exitCode: 2,
      hint: `make ${dir} readable, or remove it`,
    });
    expect(error.message).toBe(`${dir}: the overlay directory cannot be read: ELOOP`);
  });

  it("skips directories that are not there", async () => {
    const project = await createProject();
    await project.write("file", "");
    const overlayDirs = [...project.overlayDirs, path.join(project.root, "file")];
    expect(await listOverlays({ ...project.request(), overlayDirs })).toEqual([]);
  });
});

describe("the overlays that come with devkit", () => {
  it("are valid and say what they are for", async () => {
    const project = await createProject();
    const overlays = await listOverlays({ ...project.request(), overlayDirs: [SHIPPED] });
    expect(overlays.map(({ name }) => name)).toEqual([
      "claude",
      "codex",
      "dev-all",
      "node",
      "python",
      "scala",
      "small",
    ]);
    for (const { description, problem } of overlays) {
      expect(problem).toBeUndefined();
      expect(description).toMatch(/\w/);
    }
  });

  it("small: 2 GiB, one processor, 256 processes", async () => {
    const { loadConfig } = await import("../../../src/config/load.js");
    const project = await createProject();
    const { settings } = await loadConfig({ ...project.request(["small"]), overlayDirs: [SHIPPED] });
    expect(settings).toEqual({
      ...DEFAULT_SETTINGS,
      container: { ...DEFAULT_SETTINGS.container, memory: 2 * 1024 ** 3, cpus: 1, pids: 256 },
    });
  });
});
