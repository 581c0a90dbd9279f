import { describe, expect, test } from "vitest";
import { devcontainerNames } from "../../../../src/config/devcontainer/find-devcontainer.js";
import { createProject, errorOf, problemsOf } from "../temp-project.js";

const pids = (count: number) => JSON.stringify({ runArgs: [`--pids-limit=${String(count)}`] });

describe("the overlay devcontainer", () => {
  test("is never applied unasked", async () => {
    const project = await createProject();
    await project.write(".devcontainer/devcontainer.json", pids(20));
    const { settings, files } = await project.load();
    expect(settings.container.pids).not.toBe(20);
    expect(files).toEqual([]);
  });

  test("is the file in .devcontainer, else the one beside it, else that of the only folder", async () => {
    const project = await createProject();
    const found = async (overlay = "devcontainer") => (await project.load([overlay])).settings.container.pids;
    await project.write(".devcontainer/api/devcontainer.json", pids(20));
    expect(await found()).toBe(20);
    await project.write(".devcontainer.json", pids(21));
    expect(await found()).toBe(21);
    await project.write(".devcontainer/devcontainer.json", pids(22));
    expect(await found()).toBe(22);
    expect(await found("devcontainer:api")).toBe(20);
    expect(await devcontainerNames(project.root)).toEqual(["devcontainer", "devcontainer:api"]);
  });

  test("needs a name when there are several folders, which the error lists", async () => {
    const project = await createProject();
    await project.write(".devcontainer/web/devcontainer.json", pids(20));
    await project.write(".devcontainer/Api.v2/devcontainer.json", pids(21));
    await project.write(".devcontainer/notes/README.md", "");
    const error = await errorOf(project.load(["devcontainer"]));
    expect(error).toMatchObject({ code: "E_OVERLAY_UNKNOWN", exitCode: 2 });
    expect(error.message).toBe(
      'the repository has 2 devcontainer.json, and "devcontainer" does not say which',
    );
    expect(error.hint).toBe("choose one: -p devcontainer:Api.v2, -p devcontainer:web");
    expect((await project.load(["devcontainer:Api.v2"])).settings.container.pids).toBe(21);
    expect((await errorOf(project.load(["devcontainer:wep"]))).hint).toMatch(
      /^did you mean "devcontainer:web"\?/,
    );
    expect(await devcontainerNames(project.root)).toEqual(["devcontainer:Api.v2", "devcontainer:web"]);
  });

  test("that is not there says where it would be", async () => {
    const project = await createProject();
    const error = await errorOf(project.load(["devcontainer"]));
    expect(error).toMatchObject({ code: "E_OVERLAY_UNKNOWN", exitCode: 2 });
    expect(error.hint).toBe("it would be .devcontainer/devcontainer.json");
    expect((await errorOf(project.load(["devcontainer:x"]))).hint).toContain(
      ".devcontainer/x/devcontainer.json",
    );
    expect(await devcontainerNames(project.root)).toEqual([]);
  });

  test("can be named in devkit.toml, a folder's too, but never a path", async () => {
    const project = await createProject();
    await project.write(".devcontainer/api/devcontainer.json", pids(20));
    await project.write("devkit.toml", '[project]\noverlays = ["devcontainer:api"]\n');
    expect((await project.load()).settings.container.pids).toBe(20);
    for (const name of ["devcontainer:../x", "devcontainer:", "devcontainer:a/b"]) {
      await project.write("devkit.toml", `[project]\noverlays = ["${name}"]\n`);
      const [problem] = problemsOf(await errorOf(project.load()));
      expect(problem).toMatchObject({ file: "devkit.toml", line: 2, column: 13 });
    }
  });

  test("never leads out of .devcontainer", async () => {
    const project = await createProject();
    await project.write("devcontainer.json", pids(20));
    await project.write(".devcontainer/a/b/devcontainer.json", pids(21));
    for (const name of ["devcontainer:..", "devcontainer:a/b", "devcontainer:"])
      expect((await errorOf(project.load([name]))).code).toBe("E_OVERLAY_UNKNOWN");
  });

  test("lies on top of devkit.toml and below later overlays; a requirement lowers no limit", async () => {
    const project = await createProject();
    await project.write(
      "devkit.toml",
      '[container]\nmemory = "16g"\ncpus = 1\nenv = { A = "toml", B = "toml" }\n',
    );
    await project.write("shipped/x/overlay.toml", '[container]\nenv = { B = "x" }\n');
    const file = { hostRequirements: { memory: "8gb", cpus: 3 }, containerEnv: { A: "json", B: "json" } };
    await project.write(".devcontainer.json", JSON.stringify(file));
    const { settings, files } = await project.load(["devcontainer", "x"]);
    expect(settings.container).toMatchObject({ memory: 16 * 1024 ** 3, cpus: 3, env: { A: "json", B: "x" } });
    expect(files.map((one) => one.slice(project.root.length + 1))).toEqual([
      "devkit.toml",
      ".devcontainer.json",
      "shipped/x/overlay.toml",
    ]);
  });
});
