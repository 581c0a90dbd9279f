import { DevkitError } from "../base/errors.js";
import type { ChosenCommand } from "../cli/parse-command-line.js";
import { parseAgentSelector, type Roster } from "../domain/agents/agent.js";

/** Commands in which `--agent` only says what is to be shown. */
const READS_OTHERS: readonly string[] = ["task list"];

/**
 * Refuses what only the user may do: act for somebody else, force, or choose settings and repositories.
 * @throws DevkitError E_NOT_FOR_AGENTS
 */
export function checkRequest(
  agent: string,
  { command, options, globals }: ChosenCommand,
  roster: Roster,
): void {
  const { agent: asked, force } = options;
  if (force === true) throw refused("--force is the user's", "ask them to do it on the host");
  const isOther =
    typeof asked === "string" && asked !== agent && parseAgentSelector(asked, roster)?.name !== agent;
  if (isOther && !READS_OTHERS.includes(command.path))
    throw refused(`${agent} can act for nobody but itself`, "leave --agent out");
  const isElsewhere =
    globals.directory !== undefined ||
    globals.config !== undefined ||
    globals.overlays.length > 0 ||
    globals.profiles.length > 0;
  if (isElsewhere) throw refused("-C, --config, --overlay and --profile are the user's", "leave them out");
}

function refused(message: string, hint: string): DevkitError {
  return new DevkitError("E_NOT_FOR_AGENTS", message, { hint });
}
