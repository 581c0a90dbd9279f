import { isDevkitError } from "../base/errors.js";
import type { Deps } from "./deps.js";

/** Where a command was called, for one that makes sense inside an agent's worktree too. */
export interface Here {
  /** The project's. */
  readonly deps: Deps;
  /** The agent's name; undefined: not in one's worktree. */
  readonly agent: string | undefined;
}

export async function findHere(deps: Deps): Promise<Here> {
  try {
    return { deps, agent: await deps.here() };
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_INSIDE_AGENT") throw error;
    const { agent, root } = error.details;
    // What cannot be told from the path alone is not followed from here.
    if (typeof agent !== "string" || typeof root !== "string") throw error;
    return { deps: deps.with({ directory: root }), agent };
  }
}
