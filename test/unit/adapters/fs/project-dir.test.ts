import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createAgentState } from "../../../../src/adapters/fs/agent-state.js";
import type { Project } from "../../../../src/domain/identity/project.js";
import { tempProject } from "../../support/agent-dirs.js";
import { errorOf } from "../../support/temp.js";

const state = createAgentState();
let project: Project;

beforeEach(async () => {
  project = await tempProject();
});

describe("the agents that have a directory", () => {
  test("are found in the project and in the state, each once, in numeric order", async () => {
    for (const name of ["agent-10", "agent-2", "agent-x", "other", ".adopt-1", "agent-02"]) {
      await mkdir(path.join(project.devkitDir, "agents", name), { recursive: true });
    }
    for (const name of ["agent-2", "agent-1"]) {
      await mkdir(path.join(project.stateDir, "agents", name), { recursive: true });
    }
    expect((await state.known(project)).map(({ index }) => index)).toEqual([1, 2, 10]);
  });

  test("are none in a new project", async () => {
    expect(await state.known(project)).toEqual([]);
  });
});

describe(".devkit", () => {
  test("ignores itself, so that a forgotten exclude does not commit it", async () => {
    await state.prepare(project);
    expect(await readFile(path.join(project.devkitDir, ".gitignore"), "utf8")).toBe("*\n");
  });

  test("keeps a .gitignore that is there", async () => {
    await mkdir(project.devkitDir);
    await writeFile(path.join(project.devkitDir, ".gitignore"), "mine\n");
    await state.prepare(project);
    expect(await readFile(path.join(project.devkitDir, ".gitignore"), "utf8")).toBe("mine\n");
    expect(await readdir(project.devkitDir)).toEqual([".gitignore", "state-dir"]);
  });

  test("that cannot be made is an error that names it", async () => {
    await rm(project.root, { recursive: true });
    await writeFile(project.root, "");
    const error = await errorOf(state.prepare(project));
    expect(error.code).toBe("E_FILE");
    expect(error.message).toContain(project.devkitDir);
  });
});

describe("writing a file unless there is one", () => {
  test("says whether it did", async () => {
    const file = path.join(project.root, "devkit.toml");
    expect(await state.writeIfMissing(file, "one")).toBe(true);
    expect(await state.writeIfMissing(file, "two")).toBe(false);
    expect(await readFile(file, "utf8")).toBe("one");
  });

  test("of two at once one writes, and the other sees that", async () => {
    const file = path.join(project.root, "devkit.toml");
    const wrote = await Promise.all(["one", "two"].map((text) => state.writeIfMissing(file, text)));
    expect([...wrote].sort()).toEqual([false, true]);
  });
});
