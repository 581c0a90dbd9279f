import { finishLeft } from "../agents/finish-agents.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import type { OwnProgram } from "../agents/spawn-session.js";
import { finishTrash } from "../custody/finish-trash.js";
import type { ReapedAgent } from "./reap.js";
import { discardWorkless } from "./tear-down.js";

/** Does that and nothing else. */
export function reapCommand(program: OwnProgram): readonly string[] {
  return [...program, "run", "--reap"];
}

/** How soon it is tried again where an agent could not be taken away in its time. */
const RETRY_MS = 300_000;

/**
 * Takes away agents that were there for a while only, and ends what killed processes were in the middle of. As long as
 * such agents are left that nobody looks after, somebody is woken when their time comes.
 */
export async function reapLeft(deps: SpawnDeps, now: Date, program: OwnProgram): Promise<ReapedAgent[]> {
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    try {
      await finishTrash(deps);
      const reaped = await finishLeft(deps, now);
      await discardWorkless(deps);
      return reaped;
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
