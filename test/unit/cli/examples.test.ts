import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseCommandLine } from "../../../src/cli/parse-command-line.js";
import { COMMANDS, GROUPS } from "../../../src/cli/table.js";

const EXAMPLES = path.resolve(import.meta.dirname, "../../../examples");

interface Step {
  readonly run?: string;
}

/** The shell lines of a CI file, whatever they belong to. */
async function linesOf(file: string): Promise<string[]> {
  const document = parse(await readFile(path.join(EXAMPLES, file), "utf8"), { strict: true }) as Record<
    string,
    unknown
  >;
  const jobs = (document["jobs"] ?? document) as Record<string, Record<string, unknown>>;
  const steps = jobs["agents"]?.["steps"] as Step[] | undefined;
  if (steps !== undefined) return steps.flatMap(({ run }) => run?.split("\n") ?? []);
  const scripts = ["before_script", "script", "after_script"].map((name) => jobs["agents"]?.[name]);
  return scripts.flat().map(String);
}

test.each(["github-actions.yml", "gitlab-ci.yml"])("%s asks for what devkit has", async (file) => {
  const table = { commands: COMMANDS, groups: GROUPS, about: "" };
  const lines = (await linesOf(file)).filter((line) => line.startsWith("devkit "));
  const chosen: string[] = [];
  for (const line of lines) {
    const parsed = await parseCommandLine(table, line.split(" ").slice(1), () => undefined);
    expect(parsed, line).toMatchObject({ kind: "chosen" });
    if (parsed.kind === "chosen") chosen.push(parsed.chosen.command.path);
  }
  expect(chosen).toEqual(["config check", "run", "run"]);
  // What a killed job leaves goes, whatever came before.
  expect(lines.at(-1)).toBe("devkit run --reap");
});
