import { describe, expect, test, vi } from "vitest";
import { createFakeDeps } from "../support/fake-deps.js";
import { runCli } from "../support/run-cli.js";
import { createWorld } from "../fakes/world.js";
import { COMMANDS, GROUPS } from "../../../src/cli/table.js";
import { GLOBAL_OPTIONS, ownFlags } from "../../../src/cli/globals.js";

const { ran } = vi.hoisted(() => ({ ran: [] as string[] }));

// No command does anything: what matters here is whether it was understood.
vi.mock("../../../src/cli/table.js", async (load) => {
  const table = await load<typeof import("../../../src/cli/table.js")>();
  const idle = table.COMMANDS.map((command) => ({
    ...command,
    run: () => {
      ran.push(command.path);
      return Promise.resolve({ data: {}, human: () => "" });
    },
  }));
  return { ...table, COMMANDS: idle };
});
vi.mock("../../../src/cli/deps.js", () => ({ createDeps: () => createFakeDeps(createWorld()) }));

/** The words of an example's devkit command: what stands before and after it is the shell's. */
function wordsOf(example: string): string[] {
  const [, line = ""] = /\bdevkit (.*?)(?: [|>].*)?$/.exec(example) ?? [];
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replaceAll(/^['"]|['"]$/g, ""));
}

describe.each(COMMANDS.map((command) => [command.path, command] as const))("%s", (path, command) => {
  test("is named in words, at most two groups deep", () => {
    expect(path).toMatch(/^[a-z]+(-[a-z]+)*( [a-z]+(-[a-z]+)*){0,2}$/);
    expect(COMMANDS.filter((other) => other.path === path)).toHaveLength(1);
  });

  test("has a summary that fits on a line, and says what --json gives", () => {
    expect(command.summary).toMatch(/^[A-Z].{5,70}[^.]$/);
    expect(command.json).not.toBe("");
  });

  test("has examples, each of which devkit understands as this command", async () => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) {
      ran.length = 0;
      const { exitCode, stderr } = await runCli(...wordsOf(example));
      expect([example, exitCode, stderr]).toEqual([example, 0, expect.any(String)]);
      // `devkit --version` is the one example that no command answers.
      if (!example.includes("--version")) expect([example, ...ran]).toEqual([example, path]);
    }
  });

  test("has help with its arguments, options and examples", async () => {
    const { exitCode, stdout, stderr } = await runCli(...path.split(" "), "--help");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Usage: devkit ${path}`);
    for (const example of command.examples) expect(stdout).toContain(example);
    const own = Object.values(command.options).map(({ flags }) => flags);
    const global = GLOBAL_OPTIONS.map(({ flags }) => ownFlags(flags, own));
    for (const flags of [...own, ...global]) expect(stdout).toContain(flags);
    expect(ran).not.toContain(`${path} --help`);
  });

  test("names its arguments as a usage line does, the rest last", () => {
    const syntaxes = command.arguments.map(({ syntax }) => syntax);
    for (const syntax of syntaxes) expect(syntax).toMatch(/^(<[A-Za-z]+(\.\.\.)?>|\[[a-z]+(\.\.\.)?\])$/);
    expect(syntaxes.slice(0, -1).filter((syntax) => syntax.includes("..."))).toEqual([]);
    for (const { description } of command.arguments) expect(description).not.toBe("");
    for (const { description } of Object.values(command.options)) expect(description).not.toBe("");
  });
});

describe("the command tree", () => {
  test("has a description for each group, and no group without commands", () => {
    const groups = COMMANDS.flatMap(({ path }) => {
      const words = path.split(" ").slice(0, -1);
      return words.map((_, position) => words.slice(0, position + 1).join(" "));
    });
    expect(new Set(groups)).toEqual(new Set(Object.keys(GROUPS)));
  });

  test("is all in the help, of the program and of each group", async () => {
    const { stdout, exitCode } = await runCli("--help");
    expect(exitCode).toBe(0);
    for (const { path, hidden } of COMMANDS) {
      if (hidden !== true) expect(stdout).toContain(path.split(" ")[0]);
      else expect(stdout).not.toContain(path);
    }
    for (const group of Object.keys(GROUPS)) {
      const help = await runCli(...group.split(" "), "--help");
      expect(help.exitCode).toBe(0);
      for (const { path, summary } of COMMANDS.filter((command) => command.path.startsWith(`${group} `))) {
        const [word = "", ...below] = path.slice(group.length + 1).split(" ");
        expect(help.stdout).toContain(word);
        const text = below.length === 0 ? summary : GROUPS[`${group} ${word}`];
        expect(help.stdout.replaceAll(/\s+/g, " ")).toContain(text);
      }
    }
  });

  test("no option of a command hides a global one", () => {
    const globals = GLOBAL_OPTIONS.flatMap(({ flags }) => flags.match(/--?[a-zA-Z-]+/g) ?? []);
    for (const { path, options } of COMMANDS) {
      const own = Object.values(options).flatMap(({ flags }) => flags.match(/--?[a-zA-Z-]+/g) ?? []);
      // The specification has it so; `--overlay` is still there, and `-p` before the words.
      const allowed = path === "task add" ? ["-p"] : [];
      expect([path, own.filter((name) => globals.includes(name) && !allowed.includes(name))]).toEqual([
        path,
        [],
      ]);
    }
  });

  test.each([["--version"], ["-V"]])("%s prints the version and nothing else", async (option) => {
    expect(await runCli(option)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
      stderr: "",
    });
  });
});
