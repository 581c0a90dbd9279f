import { beforeEach, describe, expect, test, vi } from "vitest";
import type { DepsContext } from "../../../src/cli/deps.js";
import type { GlobalOptions } from "../../../src/cli/command.js";
import { peekGlobals } from "../../../src/cli/globals.js";
import { COMMANDS } from "../../../src/cli/table.js";
import { createFakeDeps } from "../support/fake-deps.js";
import { runCli } from "../support/run-cli.js";
import { createWorld } from "../fakes/world.js";

const { seen } = vi.hoisted(() => ({ seen: [] as GlobalOptions[] }));

vi.mock("../../../src/cli/deps.js", () => ({
  createDeps: ({ globals }: DepsContext) => {
    seen.push(globals);
    return createFakeDeps(createWorld());
  },
}));

beforeEach(() => {
  seen.length = 0;
});

const WRONG: [string, string[], RegExp, RegExp][] = [
  ["an unknown command", ["agnt"], /unknown command 'agnt'/, /Did you mean agent/],
  ["an unknown command of a group", ["agent", "lst"], /unknown command 'lst'/, /Did you mean list/],
  ["a command without its group", ["kill", "3"], /unknown command 'kill'/, /devkit agent kill/],
  [
    "an unknown option",
    ["agent", "up", "3", "--dryrun"],
    /unknown option '--dryrun'/,
    /Did you mean --dry-run/,
  ],
  ["an unknown short option", ["agent", "list", "-x"], /unknown option '-x'/, /devkit agent list --help/],
  ["a missing argument", ["agent", "kill"], /missing required argument 'agent'/, /devkit agent kill --help/],
  ["a missing option's value", ["agent", "logs", "--tail"], /argument missing/, /devkit agent logs --help/],
  ["too many arguments", ["agent", "attach", "1", "2"], /too many arguments/, /devkit agent attach --help/],
  [
    "a choice that is none",
    ["completion", "powershell"],
    /Allowed choices are bash, zsh, fish/,
    /completion --help/,
  ],
  ["a number that is none", ["agent", "logs", "--tail", "x"], /"x" is not a whole number/, /logs --help/],
  ["a group alone", ["agent"], /devkit agent needs one of: up, spawn, list/, /devkit agent --help/],
  ["no command to run", ["exec", "1"], /missing required argument 'command'/, /devkit exec --help/],
  ["no agent to run in", ["exec"], /missing required argument 'agent'/, /devkit exec --help/],
];

describe.each(WRONG)("%s", (_, argv, message, hint) => {
  test("is told on stderr in one line, with what to type, and ends with 2", async () => {
    const { exitCode, stdout, stderr } = await runCli(...argv);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(hint);
    expect(stderr).toMatch(/^error: .*\nhint: .*\n$/);
    expect(seen).toEqual([]);
  });

  test("is one JSON document with --json, wherever that stands before the inner command", async () => {
    for (const line of [["--json", ...argv], ...(argv[0] === "exec" ? [] : [[...argv, "--json"]])]) {
      // An option's missing value would be found in the next word.
      if (line.at(-2) === "--tail") continue;
      const ran = await runCli(...line);
      expect([ran.exitCode, ran.stderr]).toEqual([2, ""]);
      const document = ran.document();
      expect(document).toMatchObject({
        ok: false,
        version: 1,
        warnings: [],
        error: { code: "E_USAGE", exitCode: 2 },
      });
      expect(document.error?.message).toMatch(message);
      expect(document.error?.hint).toMatch(hint);
    }
  });
});

test("the failing document names the command as far as it was understood", async () => {
  expect((await runCli("--json", "agent", "up")).document().command).toBe("agent up");
  expect((await runCli("--json", "agent", "nope")).document().command).toBe("agent");
  expect((await runCli("--json", "nope")).document().command).toBe("");
  expect((await runCli("--json", "agnt", "up", "3")).document().command).toBe("");
  expect((await runCli("--json", "-C", "up", "nope")).document().command).toBe("");
  expect((await runCli("--json", "agent", "up", "3", "list")).document().command).toBe("agent up");
});

test.each(["0", "-1", "2.5", "X", "", "10000", "1e2"])("agent up %j asks for a number", async (count) => {
  const ran = await runCli("--json", "agent", "up", "--", count);
  expect(ran.exitCode).toBe(2);
  expect(ran.document()).toMatchObject({ ok: false, command: "agent up", error: { code: "E_USAGE" } });
});

test("no command at all is help, on stdout", async () => {
  const ran = await runCli();
  expect([ran.exitCode, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toContain("Usage: devkit");
});

describe("global options", () => {
  const ALL = [
    "-C",
    "/dir",
    "--config",
    "file",
    "-p",
    "one",
    "--profile",
    "dns",
    "--json",
    "-v",
    "--no-color",
    "--offline",
  ];
  const EXPECTED = {
    directory: "/dir",
    config: "file",
    overlays: ["one"],
    profiles: ["dns"],
    json: true,
    verbose: true,
    color: false,
    offline: true,
  };

  test.each([
    ["before the words", [...ALL, "agent", "list"]],
    ["between the words", ["agent", ...ALL, "list"]],
    ["after the words", ["agent", "list", ...ALL]],
    ["before a word alone", [...ALL, "version"]],
    ["after a word alone", ["version", ...ALL]],
  ])("count %s", async (_, argv) => {
    expect((await runCli(...argv)).exitCode).toBe(0);
    expect(seen).toEqual([EXPECTED]);
  });

  test("that are not given are off", async () => {
    await runCli("version");
    expect(seen).toEqual([
      {
        directory: undefined,
        config: undefined,
        overlays: [],
        profiles: [],
        json: false,
        verbose: false,
        offline: false,
        color: true,
      },
    ]);
  });

  test("given twice: the later counts, overlays add up in their order", async () => {
    await runCli("-p", "a", "-C", "/one", "-p", "b", "agent", "-p", "c", "list", "-C", "/two", "-p", "d");
    expect(seen[0]).toMatchObject({ directory: "/two", overlays: ["a", "b", "c", "d"] });
  });

  test("do not count after an inner command's agent: they are the command's", async () => {
    await runCli("exec", "1", "--json", "-C", "/x");
    expect(seen[0]).toMatchObject({ json: false, directory: undefined });
    await runCli("exec", "--json", "1", "ls");
    expect(seen[1]).toMatchObject({ json: true });
  });
});

describe("what a command line that was not understood says of how to answer", () => {
  test.each<[string[], boolean]>([
    [["--json", "nope"], true],
    [["nope", "--json"], true],
    [["exec", "--json"], true],
    [["--json", "exec", "1", "--nope"], true],
    [["exec", "1", "--json"], false],
    [["exec", "1", "ls", "--json"], false],
    [["exec-cd", "1", "src", "--json"], false],
    [["agent", "up", "--", "--json"], false],
    [["exec", "-p", "small", "--json"], true],
    [["-C", "exec", "nope", "--json"], true],
    [["agent", "list", "--nope"], false],
  ])("%j: as JSON %s", (argv, json) => {
    expect(peekGlobals(argv, COMMANDS).json).toBe(json);
  });

  test("colour and detail too", () => {
    expect(peekGlobals(["--no-color", "-v", "nope"], COMMANDS)).toMatchObject({
      color: false,
      verbose: true,
    });
    expect(peekGlobals(["nope"], COMMANDS)).toMatchObject({ color: true, verbose: false });
  });
});
