import { leftText, repairData, repairText } from "../../../output/views/health.js";
import { defineCommand, flag } from "../../command.js";
import { connectActing, connectLooking } from "../../health-ports.js";

export const repair = defineCommand({
  path: "repair",
  summary: "Put away what killed processes left, and mend what they broke",
  description:
    "Compares worktrees, private git dirs, containers, networks, volumes, sessions, claims, ports and locks with one another, and says what it would do " +
    "about what does not go together, and why; with --apply it does that. Nothing that anybody has made is deleted: agents go to the trash, where " +
    "agent restore finds them for 30 days. It finds what doctor finds, and does the same about it.",
  arguments: [],
  options: { apply: flag("--apply", "do it; without, only say what would be done") },
  examples: ["devkit repair", "devkit repair --apply"],
  json: "{ applied, actions: [{ check, action, reasons: [string], done, error: { code, message, hint: string|null }|null }], left: [{ check, found, fix: string|null }] }",
  async run({ options, deps, reporter, shutdown }) {
    const [{ CHECKS }, { repairAll }, { toFindings }] = await Promise.all([
      import("../../../app/health/checks.js"),
      import("../../../app/health/repair.js"),
      import("../../../app/health/examine.js"),
    ]);
    const context = { deps, reporter, shutdown };
    const { actions, examined } = await repairAll({
      checks: CHECKS.filter(({ isReconciled }) => isReconciled),
      look: await connectLooking(context),
      apply: options.apply,
      acting: () => connectActing(context),
      ...{ progress: reporter, signal: shutdown.signal },
    });
    const isLeft = options.apply
      ? () => true
      : (one: { repair: string | undefined }) => one.repair === undefined;
    const left = toFindings(examined).filter((one) => one.verdict !== "ok" && isLeft(one));
    const failed = actions.filter(({ error }) => error !== undefined).length;
    return {
      data: {
        applied: options.apply,
        actions: actions.map(repairData),
        left: left.map(({ check, found, fix }) => ({ check, found, fix: fix ?? null })),
      },
      human: () => [...repairText(actions, options.apply), ...leftText(left)].join("\n"),
      exitCode: failed === 0 ? 0 : failed === actions.length ? 1 : 6,
    };
  },
});
