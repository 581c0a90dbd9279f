import { isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { SpawnDeps } from "./spawn-deps.js";

/**
 * Ends the agent's session, and answers its name when there was one. It is the least that an agent has: a tmux that cannot
 * be asked keeps nothing else from being done.
 */
export async function endSession(
  { sessions, progress }: Pick<SpawnDeps, "sessions" | "progress">,
  { name }: AgentRef,
): Promise<string | undefined> {
  if (!(await sessions.available())) return undefined;
  try {
    return await sessions.kill(name);
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_TMUX") throw error;
    progress.warn(`whether ${name} has a tmux session is not known, and none was ended: ${error.message}`);
    return undefined;
  }
}
