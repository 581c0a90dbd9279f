import type { Check } from "../../../domain/checks/check.js";
import { isBlocked } from "../../../domain/checks/judge.js";
import { VERIFY_TRAILER } from "../../../domain/checks/trailers.js";
import { judgedData, judgedText, JUDGED_JSON } from "../../../output/views/checks.js";
import { defineCommand, flag, text } from "../../command.js";
import { actorOf } from "../tasks/actor.js";
import { CHECK_AGENT } from "./list.js";

export const checkRun = defineCommand({
  path: "check run",
  summary: "Say which checks changed files need, and which are not verified",
  description:
    "Looks at what is staged, or with --diff-base at what has changed since, and names each check whose scope that is in. A check is met when `devkit verify` has said so. " +
    "With --ci only commits count: their changes, and the `Devkit-Verify` trailers of their messages. Exit 1 when a check that blocks is not met.",
  arguments: [],
  options: {
    ...CHECK_AGENT,
    ci: flag("--ci", "only what is in commits counts; needs --diff-base"),
    diffBase: text("--diff-base <commit>", "look at what has changed since this branch, tag or commit"),
  },
  examples: ["devkit check run", "devkit check run --ci --diff-base origin/main"],
  json: `{ checks: [${JUDGED_JSON}], blocked }`,
  async run({ options, deps }) {
    const [checks, { agent }] = [await deps.checks(), await actorOf(deps, options)];
    const { runChecks } = await import("../../../app/checks/run-checks.js");
    const { ci, diffBase } = options;
    const base = diffBase === undefined ? undefined : await checks.resolve(diffBase);
    const judged = await runChecks(checks, { agent, base, isCi: ci });
    const whose = options.agent === undefined ? "" : ` --agent ${agent}`;
    const blocked = isBlocked(judged);
    return {
      data: { checks: judged.map(judgedData), blocked },
      human: () =>
        judgedText(judged, (check) => (ci ? amendCommand(check, agent) : verifyCommand(check, whose))),
      ...(blocked && { exitCode: 1 }),
    };
  },
});

/** What verifies a check before the commit. */
export function verifyCommand({ id }: Check, whose = ""): string {
  return `devkit verify ${id} -m "…"${whose}`;
}

/** The same once it is made, also without devkit's hooks. */
function amendCommand({ id }: Check, agent: string): string {
  return `git commit --amend --no-edit --trailer "${VERIFY_TRAILER}: ${id} | … | ${agent}"`;
}
