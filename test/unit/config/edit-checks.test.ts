import { describe, expect, it } from "vitest";
import { addCheck, removeCheck } from "../../../src/config/edit-checks.js";
import type { Check } from "../../../src/domain/checks/check.js";
import { createProject } from "./temp-project.js";

const CHECK: Check = { id: "docs", scope: "src/**", message: 'Say "why"\\not', severity: "warn" };
const TABLE = `[[check]]
id = "docs"
scope = "src/**"
message = "Say \\"why\\"\\\\not"
severity = "warn"
`;
const OTHER = '[[check]] # mine\nscope = "*.sql" # tables\nmessage = """\nMigrated?"""\n';

describe("a check that is added", () => {
  it.each([
    ["", TABLE],
    ["\uFEFF", `\uFEFF${TABLE}`],
    ["# only a comment", `# only a comment\n\n${TABLE}`],
    ["[tasks]\nprefix = 'X'  # mine\n", `[tasks]\nprefix = 'X'  # mine\n\n${TABLE}`],
    [`${OTHER}\n# after\n[tasks]\n`, `${OTHER}\n${TABLE}\n# after\n[tasks]\n`],
    ["[tasks]\r\n", `[tasks]\r\n\r\n${TABLE.replaceAll("\n", "\r\n")}`],
  ])("leaves all else as it is: %j", async (before, after) => {
    expect(await addCheck(before, CHECK)).toBe(after);
  });

  it("is what the settings then hold", async () => {
    const project = await createProject();
    await project.write("devkit.toml", (await addCheck(OTHER.replaceAll("\n", "\r\n"), CHECK)) ?? "");
    const entries = (await project.load()).settings.check.list;
    expect(entries).toEqual(['sql block "*.sql" Migrated?', 'docs warn "src/**" Say "why"\\not']);
  });

  it("is left to the user where checks are written otherwise", async () => {
    for (const text of ['check = [{ scope = "a", message = "b" }]\n', "[[check.more]]\n", "check.x = 1\n"])
      expect(await addCheck(text, CHECK)).toBeUndefined();
  });
});

describe("a check that is removed", () => {
  it.each([
    [TABLE, ""],
    [`a = 1\n\n${TABLE}`, "a = 1\n"],
    [`# above\n${TABLE}\n\n${OTHER}`, `# above\n${OTHER}`],
    [`${OTHER}\n${TABLE}\n# below\n[tasks]\n`, `${OTHER}\n# below\n[tasks]\n`],
    [`${OTHER}\r\n${TABLE.replaceAll("\n", "\r\n")}x`.slice(0, -1), OTHER],
  ])("leaves all else as it is: %j", async (before, after) => {
    expect(await removeCheck(before, "docs")).toBe(after);
  });

  it("is found by the id that it was given for its scope", async () => {
    expect(await removeCheck(`${TABLE}\n${OTHER}`, "sql")).toBe(TABLE);
    expect(await removeCheck(TABLE, "sql")).toBeUndefined();
  });

  it("brings back what was there before it was added", async () => {
    for (const text of ["", "# x\n", "[tasks]\nprefix = 'X'\n", `${OTHER}\n[tasks]\n`, "[tasks]\r\n"])
      expect(await removeCheck((await addCheck(text, CHECK)) ?? "", "docs")).toBe(text);
  });
});
