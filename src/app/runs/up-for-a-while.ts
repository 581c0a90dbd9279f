import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import type { EphemeralNote } from "../../domain/runs/ephemeral.js";
import { observe } from "../agents/observe.js";
import { bringUp, type UpRequest, type UpResult } from "../agents/up.js";
import type { OwnProgram } from "../agents/spawn-session.js";
import type { ProjectDeps } from "../ports.js";
import { reapCommand } from "./reap-left.js";

export interface While {
  readonly ttlMs: number;
  /** Who takes them away when nobody else does. */
  readonly program: OwnProgram;
}

/**
 * Brings agents up as `agent up` does; those that are new, or were made so before, are taken away once the time is over:
 * by the first devkit that looks, or by one that is woken for it. Those that were there stay. Killed on the way, what it has
 * begun is taken away by the next devkit, or at that time.
 */
export async function bringUpForAWhile(
  deps: ProjectDeps,
  request: UpRequest,
  { ttlMs, program }: While,
): Promise<UpResult & { readonly expiresAt: string }> {
  const expiresAt = new Date(request.now.getTime() + ttlMs).toISOString();
  const notes: EphemeralNote[] = [];
  const onBegin = async (wanted: readonly ObservedAgent[]) => {
    const base = await deps.history.requireCommit(request.settings.project.base);
    const earlier = (await deps.ephemeral.list()).map(({ note }) => note.agent.name);
    for (const one of wanted) {
      const { agent } = one;
      if (hasTrace(one) && !earlier.includes(agent.name)) continue;
      const note: EphemeralNote = { agent, run: undefined, base, expiresAt, staging: undefined };
      await deps.ephemeral.note(note, { owned: true });
      notes.push(note);
    }
    if (notes.length > 0) await deps.ephemeral.wake(reapCommand(program), new Date(expiresAt));
  };
  try {
    return { ...(await bringUp(deps, { ...request, onBegin })), expiresAt };
  } finally {
    await release(deps, notes);
  }
}

/** From now on they are nobody's; of what was not made there must be no word when somebody else makes it. */
async function release(deps: ProjectDeps, notes: readonly EphemeralNote[]): Promise<void> {
  if (notes.length === 0) return;
  const there = new Set((await observe(deps)).filter(hasTrace).map(({ agent }) => agent.name));
  for (const note of notes) {
    if (there.has(note.agent.name)) await deps.ephemeral.note(note, { owned: false });
    else await deps.ephemeral.forget(note.agent);
  }
}

function hasTrace(observed: ObservedAgent): boolean {
  return isPresent(observed) || observed.state.home || observed.worktree.directory === "files";
}
