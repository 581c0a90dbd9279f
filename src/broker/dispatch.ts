import { DevkitError } from "../base/errors.js";
import type { Shutdown } from "../base/shutdown.js";
import { createTextSink, type TextSink } from "../base/text-sink.js";
import type { CommandTable, GlobalOptions, RunContext } from "../cli/command.js";
import type { Deps } from "../cli/deps.js";
import { parseCommandLine, type ChosenCommand } from "../cli/parse-command-line.js";
import { runCommand, type RunWith } from "../cli/run-command.js";
import { createReporter } from "../output/reporter.js";
import type { Call } from "./call.js";
import { checkRequest } from "./check-request.js";
import type { RunRequest } from "./endpoint-server.js";
import { LIMITS } from "./limits.js";
import type { RefusalLog } from "./refusal-log.js";

export interface DispatchOptions {
  readonly table: CommandTable;
  readonly depsOf: (call: Call) => Deps;
  /** What the host has to tell an agent, which is told once; undefined: nothing. */
  readonly takeNotice: (agent: string) => string | undefined;
  readonly log: RefusalLog;
}

/** Runs commands of agents as the host's own program would, with what they print in the reply. */
export function createDispatch(options: DispatchOptions): RunRequest {
  const { table, depsOf, takeNotice, log } = options;
  return async (agent, request) => {
    const stdout = createTextSink(LIMITS.replyBytes);
    const stderr = createTextSink(LIMITS.replyBytes / 4);
    // What an agent's program says in passing is read by nobody.
    const notice = request.argv[0] === "event" ? undefined : takeNotice(agent);
    const note = notice === undefined ? "" : `note: ${notice}\n`;
    stderr.stream.write(note);
    const write: Call["write"] = {};
    const line = await parseCommandLine(table, request.argv, (text) => stdout.stream.write(text));
    let exitCode = 0;
    if (line.kind === "wrong") {
      exitCode = 2;
      reporterFor(line.globals, stdout, stderr).failure(line.words, line.error);
    } else if (line.kind === "chosen") {
      const reporter = reporterFor(line.chosen.globals, stdout, stderr);
      const deps = () => depsOf({ agent, request, write, progress: reporter });
      exitCode = await withDeadline((shutdown) => run(agent, line.chosen, { deps, reporter, shutdown }));
    }
    const words = request.argv.join(" ");
    if (exitCode === 5) log.note(agent, "refused", `${words}: ${stderr.text()}`);
    if (stdout.truncated()) return tooLarge(note);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text(), write };
  };
}

/** Refusals are failures of the command, told as all others are. */
function run(
  agent: string,
  chosen: ChosenCommand,
  { deps, ...rest }: Omit<RunWith, "deps"> & { readonly deps: () => Deps },
): Promise<number> {
  const command = {
    ...chosen.command,
    run: async (context: RunContext<never>) => {
      const own = deps();
      checkRequest(agent, chosen, (await own.project()).roster);
      return chosen.command.run({ ...context, deps: own });
    },
  };
  // Looked at only to be refused: what they name is the host's.
  const globals = { ...chosen.globals, config: undefined, overlays: [] };
  return runCommand({ ...chosen, command, globals }, { ...rest, deps: NO_DEPS });
}

/** The command gets its own, which may not be had. */
const NO_DEPS = {} as Deps;

function reporterFor({ json, verbose }: GlobalOptions, stdout: TextSink, stderr: TextSink) {
  return createReporter({ json, color: false, verbose, stdout: stdout.stream, stderr: stderr.stream });
}

async function withDeadline(work: (shutdown: Shutdown) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const message = `it took longer than ${String(LIMITS.workMs)} ms`;
    controller.abort(new DevkitError("E_TIMEOUT", message, { hint: "see what became of it: devkit status" }));
  }, LIMITS.workMs);
  try {
    return await work({ signal: controller.signal, delegate: () => () => undefined });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(note: string) {
  const most = String(LIMITS.replyBytes / 1024 ** 2);
  return {
    exitCode: 1,
    stdout: "",
    stderr: `${note}error: the answer is larger than ${most} MiB\nhint: ask for less: devkit task list --status pending\n`,
    write: {},
  };
}
