import { DevkitError } from "../../../base/errors.js";
import { text } from "../../command.js";

/** What the commands for an agent's remote take. */
export const INDEX_OPTION = text("--index <agent>", "the agent: index or name");

export const PATH_ARGUMENT = {
  syntax: "[path]",
  description: "directory of the repository: relative to the worktree, or a path in the container",
} as const;

/** @throws DevkitError E_USAGE */
export function requireIndex(index: string | undefined, command: string): string {
  if (index !== undefined) return index;
  throw new DevkitError("E_USAGE", `${command} needs to know which agent's repository`, {
    hint: `devkit ${command} --index 1`,
  });
}
