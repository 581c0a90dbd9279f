import { describe, expect, test } from "vitest";
import { formatLayout } from "../../../src/config/layout/format-layout.js";
import { checkLayout, readLayout } from "../../../src/config/layout/read-layout.js";
import { isDevkitError } from "../../../src/base/errors.js";
import { createProject, errorOf } from "./temp-project.js";

const CONTEXT = { root: "/src/demo", roster: new Map([["reviewer", 3]]), overlays: ["small", "gpu"] };

const check = (text: string) =>
  checkLayout({ path: "/src/demo/layout.yaml", shownAs: "layout.yaml", text }, CONTEXT);

/** Every problem of a text that will not do, with its place. */
function problemsOf(text: string): string[] {
  try {
    check(text);
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    expect(error).toMatchObject({ code: "E_LAYOUT", exitCode: 2 });
    const all = error.details["problems"] as { line: number; column: number; message: string }[];
    return all.map(({ line, column, message }) => `${String(line)}:${String(column)} ${message}`);
  }
  throw new Error("it is fine");
}

const agent = (index: number) => ({ index, name: index === 3 ? "reviewer" : `agent-${String(index)}` });

test("a layout has a session, overlays and windows over agents by index or name", () => {
  const { layout, warnings } = check(`session: team
count: 4
overlays: [small, { name: gpu, agents: [2, reviewer] }]
windows:
  - index: 1
    path: packages/api
    name: api · tests
    command: npm test | tee log
  - { agent: agent-2, command: [npm, run, "a b", ""], overlay: gpu }
  - agent: reviewer
  - index: 3
    path: src
    command: |
      cd x
      make
`);
  expect(warnings).toEqual([]);
  const none = { path: undefined, name: undefined, command: undefined, overlay: undefined };
  expect(layout).toEqual({
    ...{ session: "team", count: 4 },
    overlays: [
      { name: "small", agents: undefined },
      { name: "gpu", agents: [agent(2), agent(3)] },
    ],
    windows: [
      { ...none, agent: agent(1), path: "packages/api", name: "api · tests", command: "npm test | tee log" },
      { ...none, agent: agent(2), command: ["npm", "run", "a b", ""], overlay: "gpu" },
      { ...none, agent: agent(3) },
      { ...none, agent: agent(3), path: "src", command: "cd x\nmake\n" },
    ],
  });
  expect(check(formatLayout(layout)).layout).toEqual(layout);
});

test("the session has a name when the file gives none", () => {
  expect(check("windows: [{ index: 1 }]").layout).toMatchObject({
    session: "devkit-layout",
    count: undefined,
  });
});

describe("a mistake is told with its place", () => {
  test.each([
    ["windows: [{ index: 0 }]", ["1:20 index must be a whole number from 1 to 9999"]],
    ["windows: [{ index: -2 }]", ["1:20 index must be a whole number from 1 to 9999"]],
    ["windows:\n  - index: 99999\n", ["2:12 index must be a whole number from 1 to 9999"]],
    ["windows: [{ agent: nobody }]", ['1:20 agent is not an agent\'s index or name: "nobody"']],
    ["windows: [{ agent: ../x }]", ['1:20 agent is not an agent\'s index or name: "../x"']],
    ["count: 2\nwindows: [{ index: 3 }]", ["2:20 index is agent 3, and count is 2"]],
    ["count: 2\nwindows: [{ agent: agent-10 }]", ["2:20 agent is agent 10, and count is 2"]],
    ["count: 0\nwindows: [{ index: 1 }]", ["1:8 count must be a whole number from 1 to 9999"]],
    ["windows: [{ index: 1, overlay: smal }]", ['1:32 there is no overlay named "smal"']],
    ["overlays: [nope]\nwindows: [{ index: 1 }]", ['1:12 there is no overlay named "nope"']],
    ["overlays: [{ agents: [1] }]\nwindows: [{ index: 1 }]", ["1:12 an overlay needs a name"]],
    ["overlays: small\nwindows: [{ index: 1 }]", ["1:11 overlays must be a list"]],
    ["windows: [{ index: 1, agent: agent-1 }]", ["1:30 a window has an index or an agent, not both"]],
    ["windows: [{ path: src }]", ["1:11 a window needs an agent"]],
    ["windows: [{ index: 1, comand: x }]", ['1:23 a window has no "comand"']],
    ["windows: [{ index: 1, command: [] }]", ["1:32 command must name a program"]],
    ["windows: [{ index: 1, command: { a: b } }]", ["1:32 command must be text"]],
    ['windows: [{ index: 1, name: "a\\nb" }]', ["1:29 name must be text on one line"]],
    ['windows: [{ index: 1, command: ["a\\0b"] }]', ["1:33 each of command must be text"]],
    ["windows: []", ["1:10 a layout needs a window"]],
    ["session: x", ["1:1 a layout needs windows"]],
    ["- x", ["1:1 a layout must be a map of: session, count, overlays, windows"]],
    ["", ["1:1 a layout must be a map of: session, count, overlays, windows"]],
    [
      "session: devkit:x\nwindows: [{ index: 1 }]",
      ["1:10 session must be made of letters, digits, spaces, _ and -"],
    ],
    ["windows: [{ index: 1 }]\nwindows: []", ['2:1 "windows" is there twice']],
    ["windows: [{ index: 1 ]", expect.any(Array)],
    ["windows: *x", ["1:10 there is no anchor &x above"]],
    [
      "count: x\nwindows:\n- index: 0\n- {}\n",
      [
        "1:8 count must be a whole number from 1 to 9999",
        "3:10 index must be a whole number from 1 to 9999",
        "4:3 a window needs an agent",
      ],
    ],
  ])("%j", (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test("in a file: named as people see it, with the line and a way on", async () => {
    const project = await createProject();
    const file = await project.write("team/layout.yaml", "windows:\n  - index: 0\n");
    const error = await errorOf(readLayout(file, { ...CONTEXT, root: project.root }));
    expect(error.message).toBe("team/layout.yaml:2:12: index must be a whole number from 1 to 9999");
    expect(error.details["excerpt"]).toContain("2 |   - index: 0");
    expect((await errorOf(readLayout(`${file}x`, CONTEXT))).message).toMatch(
      /^there is no file .*layout.yamlx$/,
    );
  });
});

test("what is only odd is a warning", () => {
  const { layout, warnings } = check(`overlays: [small]
windows:
  - index: 1
  - agent: agent-1
    name: again
  - { index: 1, path: src }
  - { index: 2, overlay: gpu }
`);
  expect(warnings).toEqual([
    "layout.yaml:4:5: a second window of agent-1 with the same path and command",
    'layout.yaml:7:26: overlay "gpu" is not among the layout\'s overlays',
  ]);
  expect(layout.windows).toHaveLength(4);
});
