import { DevkitError } from "../../../base/errors.js";
import { defineCommand, type OptionSpecs, type RunContext } from "../../command.js";
import { runInner } from "../../inner-command.js";

const JSON_SHAPE = "{ index, name, exitCode, stdout, stderr, truncated }";
const AGENT = { syntax: "<agent>", description: "index or name", completes: "agents" } as const;

const CODES =
  "The exit code is the command's own, 128+n when signal n ended it, 127 when there is no such program, 126 when it cannot be run, " +
  "125 when devkit could not run anything.";

export const exec = defineCommand({
  path: "exec",
  summary: "Run a command in an agent",
  description:
    "Runs a command in the agent's worktree, with your terminal if you have one, else with your input and output as they are. " +
    `Everything after <agent> belongs to the command; a first "--" is dropped. ${CODES}`,
  arguments: [AGENT, { syntax: "<command...>", description: "the program and its arguments" }],
  options: {},
  examples: [
    "devkit exec 2 -- npm test",
    "devkit exec agent-1 git log --oneline",
    "tar c . | devkit exec 2 -- tar t",
  ],
  inner: true,
  json: JSON_SHAPE,
  run: async (context) => {
    const [selector = "", ...rest] = context.args;
    return runInner(context, { selector, argv: requireCommand(dropDashes(rest), "exec") });
  },
});

export const execCd = defineCommand({
  path: "exec-cd",
  summary: "Run a command in a directory of an agent",
  description:
    "Like exec, in a directory: relative to the worktree, or a path in the container. With one word after <agent>, that word is the command. " +
    CODES,
  arguments: [
    AGENT,
    { syntax: "[path]", description: "directory; may be left out" },
    { syntax: "[command...]", description: "the program and its arguments" },
  ],
  options: {},
  examples: [
    "devkit exec-cd 2 bash",
    "devkit exec-cd 2 src ls -la",
    "devkit exec-cd 2 packages/api -- npm test",
  ],
  inner: true,
  json: JSON_SHAPE,
  run: async (context) => {
    const [selector = "", ...rest] = context.args;
    const { directory, argv } = splitDirectory(rest);
    return runInner(context, { selector, directory, argv: requireCommand(argv, "exec-cd") });
  },
});

export const shell = defineCommand({
  path: "shell",
  summary: "Open a shell in an agent",
  arguments: [AGENT],
  options: {},
  examples: ["devkit shell 2"],
  json: "always a usage error: a shell is not a document",
  run: (context) => openShell(context, undefined),
});

export const attachCd = defineCommand({
  path: "attach-cd",
  summary: "Open a shell in a directory of an agent",
  arguments: [
    AGENT,
    { syntax: "[path]", description: "relative to the worktree, or a path in the container" },
  ],
  options: {},
  examples: ["devkit attach-cd 2 src"],
  json: "always a usage error: a shell is not a document",
  run: (context) => openShell(context, context.args[1]),
});

function openShell(context: RunContext<OptionSpecs>, directory: string | undefined) {
  if (context.reporter.json) {
    throw new DevkitError("E_USAGE", "a shell cannot be told as one JSON document", {
      hint: `to run one command: devkit --json exec ${context.args[0] ?? "1"} -- git status`,
    });
  }
  return runInner(context, { selector: context.args[0] ?? "", directory, argv: ["bash"] });
}

/** `[path] -- cmd…`, `path cmd…`, or `cmd` alone. */
function splitDirectory(rest: readonly string[]): { directory: string | undefined; argv: readonly string[] } {
  const [first, second] = rest;
  if (first === "--") return { directory: undefined, argv: rest.slice(1) };
  if (second === "--") return { directory: first, argv: rest.slice(2) };
  return rest.length < 2 ? { directory: undefined, argv: rest } : { directory: first, argv: rest.slice(1) };
}

function dropDashes(rest: readonly string[]): readonly string[] {
  return rest[0] === "--" ? rest.slice(1) : rest;
}

function requireCommand(argv: readonly string[], name: string): readonly string[] {
  if (argv.length > 0) return argv;
  throw new DevkitError("E_USAGE", `${name} needs a command to run`, {
    hint: `for example: devkit ${name} 2 bash`,
  });
}
