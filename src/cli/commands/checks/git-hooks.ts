import { splitNames } from "../../../app/checks/git-changes.js";
import { DevkitError } from "../../../base/errors.js";
import { isBlocked, unmetChecks } from "../../../domain/checks/judge.js";
import { parseTaskAction, TASK_ACTIONS } from "../../../domain/checks/trailers.js";
import { judgedData, judgedText, JUDGED_JSON } from "../../../output/views/checks.js";
import { defineCommand, text } from "../../command.js";
import { actorOf } from "../tasks/actor.js";
import { CHECK_AGENT } from "./list.js";
import { verifyCommand } from "./run.js";

/** With what `hook-pre-commit` ends when a check blocks, and for nothing else: no failure keeps anybody from committing. */
const BLOCKED = 6;

export const hookPreCommit = defineCommand({
  path: "hook-pre-commit",
  hidden: true,
  summary: "What devkit's pre-commit hook asks",
  description: "Takes the names of the commit's files on standard input, a NUL after each.",
  arguments: [],
  options: CHECK_AGENT,
  examples: ["git diff --cached --name-only -z | devkit hook-pre-commit"],
  json: `{ checks: [${JUDGED_JSON}], blocked }`,
  async run({ options, deps }) {
    const [checks, { agent }] = [await deps.checks(), await actorOf(deps, options)];
    const { judgeCommit } = await import("../../../app/checks/run-checks.js");
    const judged = await judgeCommit(checks, agent, splitNames(await checks.readInput()));
    const blocked = isBlocked(judged);
    return {
      data: { checks: judged.map(judgedData), blocked },
      human: () => {
        const unmet = unmetChecks(judged);
        return unmet.length === 0 ? "" : judgedText(unmet, (check) => verifyCommand(check));
      },
      ...(blocked && { exitCode: BLOCKED }),
    };
  },
});

export const hookCommitMsg = defineCommand({
  path: "hook-commit-msg",
  hidden: true,
  summary: "What devkit's commit-msg hook asks",
  description:
    "Takes the message's trailers on standard input, and answers a line for each to add: how git is to add it, and the trailer.",
  arguments: [],
  options: {
    ...CHECK_AGENT,
    action: text("--action <action>", `DEVKIT_TASK_ACTION: ${TASK_ACTIONS.join(", ")}`),
  },
  examples: ["git interpret-trailers --parse MESSAGE | devkit hook-commit-msg"],
  json: "{ trailers: [{ line, replaces }] }",
  async run({ options, deps }) {
    const [checks, tasks, { agent }] = [
      await deps.checks(),
      await deps.tasks(),
      await actorOf(deps, options),
    ];
    const action = parseTaskAction(options.action ?? "continue");
    if (action === undefined)
      throw new DevkitError("E_USAGE", "DEVKIT_TASK_ACTION is none that there is", {
        hint: `there are: ${TASK_ACTIONS.join(", ")}, or their first letters`,
      });
    const { commitTrailers } = await import("../../../app/checks/commit-hooks.js");
    const existing = lines(await checks.readInput());
    const trailers = commitTrailers({ checks, tasks }, { agent, existing, action });
    return {
      data: { trailers },
      human: () =>
        trailers.map(({ line, replaces }) => `${replaces ? "replace" : "addIfDifferent"} ${line}`).join("\n"),
    };
  },
});

export const hookPostCommit = defineCommand({
  path: "hook-post-commit",
  hidden: true,
  summary: "What devkit's post-commit hook says",
  description:
    "Takes the commit's trailers on standard input, then a NUL, then its files with a NUL after each.",
  arguments: [],
  options: CHECK_AGENT,
  examples: ["git log -1 --format='%(trailers:only,unfold)' | devkit hook-post-commit"],
  json: "{}",
  async run({ options, deps }) {
    const [checks, tasks, { agent }] = [
      await deps.checks(),
      await deps.tasks(),
      await actorOf(deps, options),
    ];
    const { afterCommit } = await import("../../../app/checks/commit-hooks.js");
    const input = await checks.readInput();
    const end = input.indexOf("\0");
    const trailers = lines(end === -1 ? input : input.slice(0, end));
    const files = end === -1 ? [] : splitNames(input.slice(end + 1));
    await afterCommit({ checks, tasks }, { agent, trailers, files });
    return { data: {}, human: () => "" };
  },
});

function lines(input: string): readonly string[] {
  return input.split("\n").filter((line) => line !== "");
}
