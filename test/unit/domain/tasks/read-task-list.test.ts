import { describe, expect, test } from "vitest";
import { readTaskList } from "../../../../src/domain/tasks/read-task-list.js";
import { errorOf } from "../../support/temp.js";

const problemOf = async (text: string) =>
  (await errorOf(Promise.resolve().then(() => readTaskList(text)))).message;

describe("a checklist", () => {
  const TEXT = `# Plan

Some words.

- [ ] Login (p0)
  with OAuth

  and more
    - [x] read the specification
    * [ ] (P2) write it
      1. [ ] tests first
- [ ] Docs
- no task
\`\`\`
- [ ] an example
\`\`\`
+ [X] Docs
`;

  test("has titles, priorities, what is done, and what has to be done before", () => {
    expect(
      readTaskList(TEXT).map(({ draft, after }) => [draft.title, draft.status, draft.priority, after]),
    ).toEqual([
      ["Login", "pending", "p0", [1, 2]],
      ["read the specification", "done", undefined, []],
      ["write it", "pending", "p2", [3]],
      ["tests first", "pending", undefined, []],
      ["Docs", "pending", undefined, []],
      ["Docs", "done", undefined, []],
    ]);
    expect(readTaskList(TEXT)[0]).toMatchObject({
      place: "line 5",
      draft: { description: "with OAuth\n\nand more" },
    });
  });

  test("knows its items again, whatever is written around them and whether they are done", () => {
    const keys = (text: string) => readTaskList(text).map(({ draft }) => draft.source);
    expect(new Set(keys(TEXT)).size).toBe(6);
    const changed = TEXT.replace("# Plan", "# Other\n\ntext").replace("- [ ] Login", "- [x] Login");
    expect(keys(changed)).toEqual(keys(TEXT));
  });

  test("that is none, or ends in Windows lines, or begins with a link", async () => {
    expect(await problemOf("just words")).toBe("there is no task in it");
    expect(await problemOf("")).toBe("there is no task in it");
    expect(readTaskList("[plan](x)\r\n- [ ] a\r\n")[0]?.draft.title).toBe("a");
  });

  test("of very many lines, nested very deep", async () => {
    const deep = Array.from({ length: 6000 }, (_, index) => `${" ".repeat(index)}- [ ] x`).join("\n");
    expect(await problemOf(deep)).toBe("6000 tasks at once are too many");
  });
});

describe("a JSON list", () => {
  test("refers to its own entries by their ids, to tasks by theirs", () => {
    const list = [
      {
        id: "a",
        title: "one",
        priority: "p3",
        topics: ["api"],
        scope: ["src/**"],
        blocked_by: ["b", "TSK-9"],
      },
      { id: "b", title: "two", status: "backlog", description: "text" },
    ];
    expect(readTaskList(JSON.stringify(list))).toMatchObject([
      { after: [1], draft: { title: "one", priority: "p3", blockedBy: ["TSK-9"], scope: ["src/**"] } },
      { after: [], draft: { title: "two", status: "backlog", description: "text" } },
    ]);
  });

  test.each([
    ['[{"title": "x"}', "it looks like JSON and is not whole"],
    ['{"title": "x"}', "it is one JSON object, not a list of tasks"],
    ['[{"title":"x"}, 3]', "entry 2 is no object"],
    ['[{"title":"x","priorty":"p0"}]', 'entry 1 has "priorty"; it can have: id, title'],
    ['[{"title":3}]', "entry 1: title must be text"],
    ['[{"title":"x","priority":"p9"}]', "entry 1: priority must be one of p0, p1, p2, p3"],
    ['[{"title":"x","status":"in_progress"}]', "entry 1: status must be one of backlog, pending, done"],
    [
      '[{"title":"x","blocked_by":["nobody"]}]',
      'entry 1: "nobody" is neither a task nor the id of another entry',
    ],
    ['[{"title":"x","id":"a"},{"title":"y","id":"a"}]', 'entry 1 has the id of a later one: "a"'],
  ])("%s: %s", async (text, problem) => {
    expect(await problemOf(text)).toContain(problem);
  });
});

describe("issues of gh", () => {
  test("bring labels as priority and topics; text that nobody here wrote is cut and cleaned", () => {
    const issues = [
      {
        number: 12,
        title: `Crash \u001b[2J ${"x".repeat(400)}`,
        body: "a\r\nb\u0007",
        labels: [{ name: "P0" }, { name: "good first issue" }],
      },
      { number: 3, title: "Second", body: null, labels: [{ name: "priority: p2" }, 7], state: "CLOSED" },
    ];
    const [first, second] = readTaskList(JSON.stringify(issues));
    expect(first?.draft).toMatchObject({
      priority: "p0",
      topics: ["good-first-issue"],
      description: "a\nb",
      source: "issue:12",
    });
    expect(first?.draft.title).toMatch(/^Crash {2}\[2J x+…$/u);
    expect(first?.draft.title).toHaveLength(300);
    expect(second?.draft).toMatchObject({ priority: "p2", status: "done", description: undefined });
  });

  test.each([
    [
      '[{"number":1,"title":"x"},{"number":1,"title":"y"}]',
      "issue 2 of the list: its number must be one of its own",
    ],
    ['[{"number":"../1","title":"x"}]', "issue 1 of the list: its number must be one of its own"],
    ['[{"number":1}]', "issue 1 of the list has no title"],
  ])("%s: %s", async (text, problem) => {
    expect(await problemOf(text)).toBe(problem);
  });
});
