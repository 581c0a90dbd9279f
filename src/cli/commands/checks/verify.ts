import { showText } from "../../../base/show-text.js";
import { defineCommand, text } from "../../command.js";
import { actorOf } from "../tasks/actor.js";
import { CHECK_AGENT } from "./list.js";

export const verify = defineCommand({
  path: "verify",
  summary: "Say that a check is met, for the next commit",
  description:
    "Says that what a check asks for is so. It is kept in .devkit/staged-verifications.json until the next commit, whose message gets it as a trailer where devkit's git hooks are (docs/checks.md).",
  arguments: [{ syntax: "<check>", description: "its id, as `check run` and `check list` have it" }],
  options: { ...CHECK_AGENT, message: text("-m, --message <text>", "what you have looked at, in one line") },
  examples: ['devkit verify docs -m "the page on hooks says it now"'],
  json: "{ verification: { check_id, message, verified_by, created_at } }",
  async run({ args, options, deps }) {
    const [checks, { agent }] = [await deps.checks(), await actorOf(deps, options)];
    const { verifyCheck } = await import("../../../app/checks/verify-check.js");
    const request = { agent, id: args[0] ?? "", message: options.message ?? "" };
    const { checkId, message, verifiedBy, createdAt } = await verifyCheck(checks, request);
    return {
      data: {
        verification: { check_id: checkId, message, verified_by: verifiedBy, created_at: createdAt },
      },
      human: () => `Verified: ${checkId}: ${showText(message)}`,
    };
  },
});
