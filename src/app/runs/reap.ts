import type { AgentRef } from "../../domain/agents/agent.js";
import { isLeft, type EphemeralNote } from "../../domain/runs/ephemeral.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import { discardCollected, discardWorkless, tearDown } from "./tear-down.js";

/** An agent whose time was over, or whose run was killed. */
export interface ReapedAgent {
  readonly agent: AgentRef;
  readonly run: string | undefined;
  /** Its id in the trash, where it has what is nowhere else. */
  readonly trash: string | undefined;
}

/** Notes of agents that are to be taken away. */
export async function findLeft(
  { ephemeral }: Pick<SpawnDeps, "ephemeral">,
  now: Date,
): Promise<EphemeralNote[]> {
  const noted = await ephemeral.list();
  return noted.filter(({ note, owner }) => isLeft(note, owner, now)).map(({ note }) => note);
}

/**
 * Takes away agents that were there for a while only: what they have that is nowhere else stays in the trash. The caller
 * holds the agents' lock.
 */
export async function reapHolding(deps: SpawnDeps, now: Date): Promise<ReapedAgent[]> {
  const reaped: ReapedAgent[] = [];
  for (const [base, notes] of byBase(await findLeft(deps, now))) {
    const agents = notes.map(({ agent }) => agent);
    // First, while the notes still say where it is.
    for (const staging of new Set(notes.map((note) => note.staging)))
      if (staging !== undefined) await deps.ephemeral.removeStaging(staging);
    const nothing = { bundle: false, patch: false, untracked: false, stashes: false };
    const { removed, problems } = await tearDown(deps, { agents, base, collected: () => nothing, now });
    await discardCollected(deps, removed);
    for (const { agent, message } of problems)
      deps.progress.warn(
        `${agent.name} could not be taken away, which the next command tries again: ${message}`,
      );
    for (const { entry, uncollected } of removed) {
      const note = notes.find(({ agent }) => agent.name === entry.agent.name);
      const trash = uncollected.length === 0 ? undefined : entry.id;
      reaped.push({ agent: entry.agent, run: note?.run, trash });
    }
  }
  await discardWorkless(deps);
  return reaped;
}

function byBase(notes: readonly EphemeralNote[]): ReadonlyMap<string, EphemeralNote[]> {
  const groups = new Map<string, EphemeralNote[]>();
  for (const note of notes) groups.set(note.base, [...(groups.get(note.base) ?? []), note]);
  return groups;
}
