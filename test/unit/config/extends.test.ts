import { describe, expect, it } from "vitest";
import { createProject, errorOf, problemsOf, type TempProject } from "./temp-project.js";

/** Overlays that each add their name to the packages, and set it as the stage of the image. */
async function projectWith(overlays: Readonly<Record<string, string>>): Promise<TempProject> {
  const project = await createProject();
  for (const [name, text] of Object.entries(overlays)) {
    await project.write(
      `shipped/${name}/overlay.toml`,
      `${text}\n[image]\npackages = ["${name}0"]\ntarget = "${name}"\n`,
    );
  }
  return project;
}

const orderOf = async (project: TempProject, asked: readonly string[] = []) =>
  (await project.load(asked)).settings.image.packages.map((name) => name.slice(0, -1)).join(" ");

describe("an overlay that extends others", () => {
  it("comes after them, and each comes once, at its first place", async () => {
    const project = await projectWith({
      aa: 'extends = ["bb", "cc"]',
      bb: 'extends = ["dd"]',
      cc: 'extends = ["dd", "bb"]',
      dd: "",
    });
    expect(await orderOf(project, ["aa"])).toBe("dd bb cc aa");
    const { settings, files } = await project.load(["aa"]);
    expect(settings.image.target).toBe("aa");
    expect(files.map((file) => file.slice(project.root.length))).toEqual(
      ["dd", "bb", "cc", "aa"].map((name) => `/shipped/${name}/overlay.toml`),
    );
  });

  it("is put where [project] overlays names it, unless it is there already", async () => {
    const project = await projectWith({ aa: 'extends = ["bb"]', bb: "", cc: 'extends = ["bb"]' });
    await project.write("devkit.toml", `[project]\noverlays = ["cc", "bb", "aa", "cc"]\n`);
    expect(await orderOf(project)).toBe("bb cc aa");
    expect((await project.load()).settings.image.target).toBe("aa");
  });

  it("that is asked for comes on top again, without what it extends", async () => {
    const project = await projectWith({ aa: "", bb: 'extends = ["aa"]', cc: "" });
    await project.write("devkit.toml", `[project]\noverlays = ["bb", "cc"]\n`);
    const { layers } = await project.load(["bb"]);
    expect(layers.map(({ origin }) => origin.overlay)).toEqual([undefined, "aa", "bb", "cc", "bb"]);
  });

  it.each([
    [{ aa: 'extends = ["aa"]' }, "aa", "extends itself: aa → aa", 12],
    [
      { aa: 'extends = ["bb"]', bb: 'extends = ["dd", "cc"]', cc: 'extends = ["bb"]', dd: "" },
      "cc",
      "extends itself: bb → cc → bb",
      12,
    ],
  ])("itself is refused with the way round: %j", async (overlays, file, message, column) => {
    const project = await projectWith(overlays);
    const error = await errorOf(project.load(["aa"]));
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(problemsOf(error)).toMatchObject([
      { file: `shipped/${file}/overlay.toml`, line: 1, column, message: `the overlay ${message}` },
    ]);
  });

  it("one that does not exist is refused at its place", async () => {
    const project = await projectWith({ aa: 'extends = ["bb",\n  "sall"]', bb: "", small: "" });
    const error = await errorOf(project.load(["aa"]));
    expect(error).toMatchObject({
      code: "E_OVERLAY_UNKNOWN",
      exitCode: 2,
      message: 'shipped/aa/overlay.toml:2:3: there is no overlay named "sall"',
      hint: 'did you mean "small"? there are: aa, bb, small',
    });
  });

  it.each([
    ['extends = "bb"', 11, 'extends must be a list of overlay names, such as ["node"], not "bb"'],
    [
      'extends = ["../bb"]',
      12,
      expect.stringMatching(/^each of extends must be an overlay's name/) as string,
    ],
  ])("%s", async (text, column, message) => {
    const error = await errorOf((await projectWith({ aa: text })).load(["aa"]));
    expect(problemsOf(error)).toMatchObject([{ line: 1, column, message }]);
  });

  it("is not what devkit.toml does", async () => {
    const project = await createProject();
    await project.write("devkit.toml", 'extends = ["small"]\n');
    expect(await errorOf(project.load())).toMatchObject({ hint: 'only an overlay has "extends"' });
  });
});
