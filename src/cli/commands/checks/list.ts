import { checkTable } from "../../../output/views/checks.js";
import { defineCommand } from "../../command.js";
import { ACTOR_OPTIONS, actorOf } from "../tasks/actor.js";

/** Which agent's: overlays can be for one alone. */
export const CHECK_AGENT = { agent: ACTOR_OPTIONS.agent };

export const CHECK_JSON = '{ id, scope, message, severity: "block"|"warn"|"info" }';

export const checkList = defineCommand({
  path: "check list",
  summary: "List the checks",
  description:
    "Lists the checks of devkit.toml and of the overlays in force; docs/checks.md says what they are.",
  arguments: [],
  options: CHECK_AGENT,
  examples: ["devkit check list"],
  json: `{ checks: [${CHECK_JSON}] }`,
  async run({ options, deps }) {
    const { agent } = await actorOf(deps, options);
    const checks = await (await deps.checks()).checksOf(agent);
    return {
      data: { checks },
      human: () =>
        checks.length === 0
          ? 'No checks. Add one: devkit check add "src/**" -m "Do the pages still say what the code does?"'
          : checkTable(checks),
    };
  },
});
