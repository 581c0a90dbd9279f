import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { RefusedRef } from "../../domain/custody/refs.js";

export interface SyncedRef {
  /** Full ref on the host. */
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string;
  /** The ref that keeps the old tip, when the agent has rewritten its branch. */
  readonly keptAs: string | undefined;
}

export interface DivergedRef {
  readonly ref: string;
  readonly host: string | undefined;
  readonly agent: string;
}

export interface SyncOutcome {
  readonly agent: AgentRef;
  /** What came home. */
  readonly updated: readonly SyncedRef[];
  /** What the agent got from the host. */
  readonly given: readonly SyncedRef[];
  /** Refs that have commits of their own on both sides; left as they are. */
  readonly diverged: readonly DivergedRef[];
  /** What could not come home or not be given, and why; names and reasons are hostile text. */
  readonly refused: readonly RefusedRef[];
  /** The agent made its private git dir unreadable: nothing could be compared. */
  readonly unreadable: boolean;
  /** Where the agent's HEAD is on the host: a full ref, or an object id when it is detached. */
  readonly head: string | undefined;
  /** The same of each submodule that had news, by its place below `modules/`. */
  readonly modules?: readonly { readonly at: string; readonly outcome: SyncOutcome }[];
}

export function nothingSynced(agent: AgentRef): SyncOutcome {
  return { agent, updated: [], given: [], diverged: [], refused: [], unreadable: false, head: undefined };
}

/**
 * Whoever goes on to change or remove something wants everything home first.
 * @throws DevkitError E_DIVERGED, E_REF_REFUSED or E_GIT for an outcome that is not clean.
 */
export function requireClean(outcome: SyncOutcome): void {
  for (const module of outcome.modules ?? []) requireClean(module.outcome);
  const [diverged] = outcome.diverged;
  const [refused] = outcome.refused;
  const inside = `devkit exec ${String(outcome.agent.index)} -- git`;
  const details = { diverged: outcome.diverged, refused: outcome.refused };
  if (outcome.unreadable) {
    throw new DevkitError("E_GIT", "its private git dir has no readable HEAD", {
      hint: `look at it from inside: ${inside} status`,
    });
  }
  if (diverged !== undefined) {
    const host = diverged.host?.slice(0, 12) ?? "nothing";
    throw new DevkitError(
      "E_DIVERGED",
      `${diverged.ref} is at ${host} on the host and at ${diverged.agent.slice(0, 12)} in the agent`,
      {
        hint: `keep both: the agent can rename its branch (${inside} branch -m other-name), or rebase on the host's: ${inside} rebase ${host}`,
        details,
      },
    );
  }
  if (refused === undefined) return;
  const others = outcome.refused.length === 1 ? "" : ` (and ${String(outcome.refused.length - 1)} more)`;
  throw new DevkitError("E_REF_REFUSED", `${refused.ref} cannot come home: ${refused.reason}${others}`, {
    hint: `look at it from inside: ${inside} for-each-ref refs/heads`,
    details,
  });
}
