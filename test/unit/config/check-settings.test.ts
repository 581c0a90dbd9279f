import { describe, expect, it } from "vitest";
import { entryPlace } from "../../../src/config/entry-place.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { checksOf } from "../../../src/domain/checks/check.js";
import { isDevkitError } from "../../../src/base/errors.js";
import { createProject } from "./temp-project.js";

async function problemsOf(text: string): Promise<unknown> {
  const project = await createProject();
  await project.write("devkit.toml", text);
  try {
    await project.load();
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    const { problems } = error.details as { problems: { line: number; column: number; message: string }[] };
    return problems.map(({ line, column, message }) => `${String(line)}:${String(column)} ${message}`);
  }
  return [];
}

describe("[[check]]", () => {
  it("has an id from its scope and blocks, unless it says otherwise", async () => {
    const project = await createProject();
    await project.write(
      "devkit.toml",
      '[[check]]\nscope = "src/**/*.TS"\nmessage = " a  b "\n[[check]]\nid = "x"\nscope = "**"\nmessage = "c"\nseverity = "info"\n',
    );
    expect(checksOf((await project.load()).settings.check.list)).toEqual([
      { id: "src-ts", scope: "src/**/*.TS", message: "a  b", severity: "block" },
      { id: "x", scope: "**", message: "c", severity: "info" },
    ]);
  });

  it("adds up over overlays, and one of the same id takes the place of the lower one", async () => {
    const project = await createProject();
    await project.write("devkit.toml", '[[check]]\nid = "a"\nscope = "a"\nmessage = "one"\n');
    await project.write(
      ".devkit-overlays/more/overlay.toml",
      '[[check]]\nid = "b"\nscope = "b"\nmessage = "two"\n[[check]]\nid = "a"\nscope = "a"\nmessage = "three"\n',
    );
    const loaded = await project.load(["more"], { positions: true });
    expect(checksOf(loaded.settings.check.list)).toMatchObject([
      { id: "a", message: "three" },
      { id: "b", message: "two" },
    ]);
    const place = entryPlace(loaded.origins, "check.list", loaded.settings.check.list[1] ?? "");
    expect(place).toBe("overlay more (.devkit-overlays/more/overlay.toml:1:1)");
  });

  it("can be one agent's own", async () => {
    const project = await createProject();
    await project.write(".devkit-overlays/agent2/overlay.toml", '[[check]]\nscope = "a"\nmessage = "b"\n');
    const { settings, settingsOf } = await project.load();
    const lists = [settings, settingsOf(agentAt(1)), settingsOf(agentAt(2))].map(({ check }) => check.list);
    expect(lists).toEqual([[], [], ['a block "a" b']]);
  });

  it.each([
    ["check = 1", ["1:9 [[check]] must be tables such as"]],
    ["check = [1]", ["1:10 [[check]] must be tables such as"]],
    ["[check]\nscope = 'a'", ["1:1 [[check]] must be tables such as"]],
    ["[[check]]\nscope = '../a'\nmessage = 'x'", ["2:9 check.scope must be a pattern of files"]],
    ["[[check]]\nscope = 'a'", ["1:3 [[check]] needs a message"]],
    ["[[check]]\nscope = 'a'\nmessage = \"x\\ny\"", ["3:11 check.message must be one line"]],
    ["[[check]]\nscope = 'a'\nmessage = 'x'\nseverty = 'info'", ["4:1 check.severty is no key of [[check]]"]],
    ["[[check]]\nscope = 'a'\nmessage = 'x'\nseverity = 'bad'", ['4:12 check.severity must be "block" or']],
    ["[[check]]\nid = 'A'\nscope = 'a'\nmessage = 'x'", ["2:6 check.id must be a check's id"]],
    [
      "[[check]]\nscope = 'a'\nmessage = 'x'\n[[check]]\nscope = 'a/'\nmessage = 'y'",
      ['4:3 [[check]] has the id "a" twice'],
    ],
  ])("is refused with its place: %j", async (text, problems) => {
    expect(await problemsOf(text)).toEqual(problems.map((start) => expect.stringContaining(start) as string));
  });
});

describe("tasks.topics", () => {
  it("is a table of descriptions", async () => {
    const project = await createProject();
    await project.write("devkit.toml", '[tasks.topics]\napi = "What clients see"\nui = ""\n');
    expect((await project.load()).settings.tasks.topics).toEqual({ api: "What clients see", ui: "" });
  });

  it.each([
    ["[tasks.topics]\nAPI = ''", ["2:1 tasks.topics.API is no topic"]],
    ["[tasks.topics]\napi = 1", ["2:7 tasks.topics.api must be one line of text, not the number 1"]],
    ["[tasks]\ntopics = ['api']", ["2:10 tasks.topics must be a table such as"]],
  ])("is refused with its place: %j", async (text, problems) => {
    expect(await problemsOf(text)).toEqual(problems.map((start) => expect.stringContaining(start) as string));
  });
});
