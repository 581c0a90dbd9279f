import { randomBytes } from "node:crypto";
import path from "node:path";
import { parseDuration } from "../../../base/durations.js";
import { DevkitError, isDevkitError } from "../../../base/errors.js";
import { allowedNames } from "../../../config/allowed-names.js";
import type { RunEvent } from "../../../domain/runs/run-event.js";
import { exitCodeOf, type RunResult } from "../../../domain/runs/run-result.js";
import { reapedText } from "../../../output/views/reaped.js";
import { toJunit, toSummary } from "../../../output/views/run-reports.js";
import { reapData, runData, runText, RUN_JSON } from "../../../output/views/runs.js";
import type { RunRequest } from "../../../app/runs/run-agents.js";
import type { Reporter } from "../../../output/reporter.js";
import {
  count,
  defineCommand,
  flag,
  text,
  words,
  type CommandResult,
  type GlobalOptions,
} from "../../command.js";
import type { Deps } from "../../deps.js";
import { ownProgram } from "../../own-program.js";
import { interruptible } from "./interruptible.js";
import { requireTime } from "./require-time.js";
import { createLinePrinter } from "./print-lines.js";

const DEFAULT_TIMEOUT = "1h";

export const run = defineCommand({
  path: "run",
  summary: "Run a command in agents made for it, then take them away",
  description:
    "Makes new agents, one for each task or N alike, runs the command in each, and takes them away afterwards, also when it fails, its time is over, or devkit is interrupted; what a killed devkit leaves, the next one takes away. " +
    "Those for which [budget], --jobs or this machine have no room wait until others have ended. " +
    "Lines come as `[agent] line`; with --json as events, one JSON object with `event` in it per line, and the last line is the document with `ok` in it. " +
    "A task is claimed and begun, and done when the command exits with 0; else it is given back. Work that is not in the proof (--out) stays in the trash. " +
    "Exit code: 0 all passed, 1 some failed, 6 some could not start, 130 or 143 interrupted.",
  arguments: [{ syntax: "[command...]", description: "the program and its arguments, after --" }],
  options: {
    agents: count("--agents <n>", "how many agents alike; one by default", 1),
    task: words("--task <ids...>", "an agent for each of these tasks"),
    tasks: text(
      "--tasks <file>",
      "an agent for each task of a list, which is added to the pool as by `task import`",
    ),
    jobs: count("-j, --jobs <n>", "at most so many at once; by default as many as there is room for", 1),
    timeout: text(
      "--timeout <time>",
      `how long each may take: 90s, 30m, 2h; ${DEFAULT_TIMEOUT} by default`,
      requireTime,
    ),
    out: text(
      "--out <dir>",
      "a new directory for all that was gathered: logs, patches, commits, egress, JUnit XML",
    ),
    force: flag("--force", "more agents than usual or than the budget of all gives room for"),
    reap: flag("--reap", "only take away what killed runs have left, and agents whose time is over"),
  },
  examples: [
    "devkit run -- npm test",
    "devkit run --agents 3 --timeout 30m --out proof -- npm test",
    "devkit -p codex run --task TSK-1 TSK-2 --out proof -- ./scripts/work-on-task",
    "devkit run --agents 200 --jobs 8 --out proof -- npm test",
    "devkit run --reap",
  ],
  inner: true,
  json: RUN_JSON,
  async run({ args, options, deps, globals, reporter, shutdown }) {
    if (options.reap) return reap(deps, args, globals);
    const plan = checkAsked(args, options);
    const { runAgents } = await import("../../../app/runs/run-agents.js");
    const { project } = await deps.projectDeps();
    return interruptible(shutdown, reporter, async (signal) => {
      const own = deps.with({ signal });
      const config = await own.config();
      const { settings, settingsOf } = config;
      const result = await runAgents(await own.runs(), await deps.runs(), {
        ...{ id: randomBytes(3).toString("hex"), argv: args, count: plan.count, timeoutMs: plan.timeoutMs },
        ...{ tasks: await chooseTasks(own, options), jobs: options.jobs },
        out: options.out === undefined ? undefined : path.resolve(options.out),
        spawn: {
          ...{ settings, settingsOf, allowed: allowedNames(config), host: own.host, extras: own.extras },
          ...{ hostHooks: await own.hostHooks(config), program: ownProgram(globals, project.root) },
          ...{ force: options.force, now: new Date(), signal },
        },
        onEvent: printer(reporter),
        describe: reportsOf,
      });
      await addSummary(deps, result, reporter);
      const interrupted = signal.aborted && isDevkitError(signal.reason) ? signal.reason.exitCode : undefined;
      return {
        data: runData(result),
        human: () => runText(result),
        exitCode: interrupted ?? exitCodeOf(result.agents),
      };
    });
  },
});

interface Asked {
  readonly agents: number | undefined;
  readonly task: readonly string[] | undefined;
  readonly tasks: string | undefined;
  readonly timeout: string | undefined;
}

/** @throws DevkitError E_USAGE */
function checkAsked(
  args: readonly string[],
  { agents, task, tasks, timeout = DEFAULT_TIMEOUT }: Asked,
): Pick<RunRequest, "count" | "timeoutMs"> {
  if (args.length === 0)
    throw new DevkitError("E_USAGE", "run needs a command to run", {
      hint: "for example: devkit run -- npm test",
    });
  if ([agents, task, tasks].filter((one) => one !== undefined).length > 1)
    throw new DevkitError("E_USAGE", "--agents, --task and --tasks each say how many agents there are", {
      hint: "give one of them: with tasks there is one agent for each",
    });
  return { count: agents ?? 1, timeoutMs: parseDuration(timeout) ?? 0 };
}

/** Ids of the tasks, in the order of the list; those of it that are done already have been worked on. */
async function chooseTasks(
  deps: Deps,
  { task, tasks: file }: Pick<Asked, "task" | "tasks">,
): Promise<readonly string[] | undefined> {
  if (task !== undefined) return [...new Set(task)];
  if (file === undefined) return undefined;
  const [{ importTasks }, tasks] = await Promise.all([
    import("../../../app/tasks/import-tasks.js"),
    deps.tasks(),
  ]);
  const { created, known } = await importTasks(tasks, { text: await tasks.readList(file), dryRun: false });
  const open = [...created, ...known].filter((one) => one.task.status !== "done");
  if (open.length > 0) return open.map((one) => one.task.id);
  throw new DevkitError("E_TASK_UNKNOWN", `${file} has no task that is not done`, {
    hint: "see them: devkit task list",
    details: { task: null },
  });
}

function reportsOf(result: RunResult): ReadonlyMap<string, string> {
  return new Map([
    ["run.json", `${JSON.stringify(runData(result), undefined, 2)}\n`],
    ["junit.xml", toJunit(result)],
    ["summary.md", toSummary(result)],
  ]);
}

/** A CI that shows a job's summary names a file for it. */
async function addSummary(deps: Deps, result: RunResult, reporter: Reporter): Promise<void> {
  const file = deps.host.env["GITHUB_STEP_SUMMARY"];
  if (file === undefined || file === "") return;
  const { runHost } = await deps.runs();
  await runHost.append(file, toSummary(result)).catch((error: unknown) => {
    if (!isDevkitError(error)) throw error;
    reporter.warn(`the step's summary was not written: ${error.message}`);
  });
}

function printer(reporter: Reporter): (event: RunEvent) => void {
  const print = createLinePrinter(reporter.paint);
  return (event) => {
    if (reporter.json) reporter.item(event, () => "");
    else for (const line of print(event)) reporter.item(event, () => line);
  };
}

async function reap(deps: Deps, args: readonly string[], globals: GlobalOptions): Promise<CommandResult> {
  if (args.length > 0)
    throw new DevkitError("E_USAGE", "--reap runs no command", { hint: "devkit run --reap" });
  const { reapLeft } = await import("../../../app/runs/reap-left.js");
  const program = ownProgram(globals, (await deps.project()).root);
  const reaped = await reapLeft(await deps.spawning(), new Date(), program);
  return { data: reapData(reaped), human: () => reapedText(reaped) };
}
