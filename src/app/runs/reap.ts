import type { AgentRef } from "../../domain/agents/agent.js";
import { isLeft, type EphemeralNote } from "../../domain/runs/ephemeral.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import type { OwnProgram } from "../agents/spawn-session.js";
import { finishTrash } from "../custody/finish-trash.js";
import { discardCollected, tearDown } from "./tear-down.js";

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
  return reaped;
}

function byBase(notes: readonly EphemeralNote[]): ReadonlyMap<string, EphemeralNote[]> {
  const groups = new Map<string, EphemeralNote[]>();
  for (const note of notes) groups.set(note.base, [...(groups.get(note.base) ?? []), note]);
  return groups;
}

/** Does nothing else. */
export function reapCommand(program: OwnProgram): readonly string[] {
  return [...program, "run", "--reap"];
}

/** How soon it is tried again where an agent could not be taken away in its time. */
const RETRY_MS = 300_000;

/**
 * The same, for whoever asks for just that; ends first what killed processes were in the middle of. As long as agents are
 * left that nobody looks after, somebody is woken when their time comes.
 */
export async function reapLeft(deps: SpawnDeps, now: Date, program: OwnProgram): Promise<ReapedAgent[]> {
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    try {
      await finishTrash(deps);
      return await reapHolding(deps, now);
    } finally {
      const times = (await deps.ephemeral.list())
        .filter(({ note }) => note.run === undefined)
        .map(({ note }) => Date.parse(note.expiresAt));
      const next = Math.max(Math.min(...times), now.getTime() + (times.some(isOver(now)) ? RETRY_MS : 0));
      if (times.length > 0) await deps.ephemeral.wake(reapCommand(program), new Date(next));
    }
  });
}

const isOver = (now: Date) => (time: number) => time <= now.getTime();
