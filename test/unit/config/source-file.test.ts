import { chmod, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { configErrorOf, createProject, errorOf, problemsOf } from "./temp-project.js";

const HINT = "make devkit.toml a readable file, or remove it";

describe("something named devkit.toml that is not a readable file", () => {
  it("a directory", async () => {
    const project = await createProject();
    await mkdir(path.join(project.root, "devkit.toml"));
    const error = await errorOf(project.load());
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2, hint: HINT });
    expect(error.message).toBe("devkit.toml: is a directory, not a file");
    expect(error.details).toEqual({
      problems: [{ file: "devkit.toml", message: "is a directory, not a file", hint: HINT }],
    });
  });

  it("a device", async () => {
    const project = await createProject();
    await symlink("/dev/null", path.join(project.root, "devkit.toml"));
    const error = await errorOf(project.load());
    expect(error).toMatchObject({ code: "E_CONFIG", message: "devkit.toml: is not a regular file" });
  });

  it("a link to nothing", async () => {
    const project = await createProject();
    await symlink("gone.toml", path.join(project.root, "devkit.toml"));
    const error = await errorOf(project.load());
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2, hint: HINT });
    expect(error.message).toBe("devkit.toml: is a link to a file that does not exist");
  });

  it("a link to itself", async () => {
    const project = await createProject();
    await symlink("devkit.toml", path.join(project.root, "devkit.toml"));
    const error = await errorOf(project.load());
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2, hint: HINT });
    expect(error.message).toBe("devkit.toml: cannot be read: too many symbolic links encountered");
  });

  it.skipIf(process.getuid?.() === 0)("a file without permission", async () => {
    const project = await createProject();
    await chmod(await project.write("devkit.toml", ""), 0);
    const error = await errorOf(project.load());
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2, hint: HINT });
    expect(error.message).toBe("devkit.toml: cannot be read: permission denied");
  });
});

describe("a link to a file", () => {
  it("is followed", async () => {
    const project = await createProject();
    await project.write("shared/x.toml", "[container]\npids = 33\n");
    await symlink("shared/x.toml", path.join(project.root, "devkit.toml"));
    expect((await project.load()).settings.container.pids).toBe(33);
  });
});

describe("a file that is not UTF-8", () => {
  it.each([
    ["Latin-1", Buffer.from("# caf\xe9\n[container]\n", "latin1"), 1, 6],
    [
      "after valid text",
      Buffer.concat([Buffer.from("# 😀ä\r\n# äö"), Buffer.of(0xff), Buffer.from("\n")]),
      2,
      5,
    ],
    ["cut in a character", Buffer.from("# ä😀").subarray(0, -1), 1, 4],
    ["UTF-16, as PowerShell writes it", Buffer.from("\uFEFF[container]\n", "utf16le"), 1, 1],
  ])("%s", async (_, bytes, line, column) => {
    const error = await configErrorOf(bytes);
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2, hint: "save devkit.toml as UTF-8" });
    expect(error.message).toBe(`devkit.toml:${String(line)}:${String(column)}: the file is not valid UTF-8`);
    expect(problemsOf(error)).toHaveLength(1);
  });
});

describe("the name of a file in messages", () => {
  it("is the full path outside the project, even when it looks alike", async () => {
    const project = await createProject();
    const file = await project.write("x.toml", "pids");
    const inner = path.join(project.root, "x");
    const { loadConfig } = await import("../../../src/config/load.js");
    const error = await errorOf(loadConfig({ ...project.request(), root: inner, configFile: file }));
    expect(error.message).toContain(`${file}:1:5: `);
  });

  it("keeps dots that only look like a way out", async () => {
    const project = await createProject();
    const file = await project.write("..x.toml", "pids");
    const error = await errorOf(project.load([], { configFile: file }));
    expect(error.message).toContain("..x.toml:1:5: ");
    expect(error.message).not.toContain(project.root);
  });
});
