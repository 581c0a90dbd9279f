import { isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { isPresent } from "../../domain/agents/observed.js";
import type { TrashEntry } from "../../domain/custody/trash.js";
import { findUncollected, type Collected } from "../../domain/runs/uncollected.js";
import { careForKilled } from "../agents/care-for-killed.js";
import { observe } from "../agents/observe.js";
import type { SpawnDeps } from "../agents/spawn-deps.js";
import { discardEntry } from "../custody/discard-entry.js";
import { killHolding } from "../custody/kill.js";

export interface TearDown {
  /** In the trash, all of them. */
  readonly removed: readonly RemovedAgent[];
  /** Why some of them are not removed, or not whole; the next command goes on with it. */
  readonly problems: readonly { readonly agent: AgentRef; readonly message: string }[];
}

export interface RemovedAgent {
  readonly entry: TrashEntry;
  /** What it has that is nowhere else, in words. */
  readonly uncollected: readonly string[];
}

export interface TearDownRequest {
  readonly agents: readonly AgentRef[];
  /** The commit that they began at. */
  readonly base: string;
  readonly collected: (agent: AgentRef) => Collected;
  readonly now: Date;
}

/** Takes agents away as `agent kill --force` does. The caller holds the agents' lock. */
export async function tearDown(
  deps: SpawnDeps,
  { agents, base, collected, now }: TearDownRequest,
): Promise<TearDown> {
  if (agents.length === 0) return { removed: [], problems: [] };
  // Their names are younger than this process.
  deps.project.roster = deps.loadRoster();
  const wanted = new Set(agents.map(({ name }) => name));
  const there = (await observe(deps)).filter(
    (one) => wanted.has(one.agent.name) && (isPresent(one) || one.state.home),
  );
  const present = new Set(there.map(({ agent }) => agent.name));
  // Never made, or taken away by somebody else.
  for (const agent of agents) if (!present.has(agent.name)) await deps.ephemeral.forget(agent);
  if (present.size === 0) return { removed: [], problems: [] };
  const care = await careForKilled(deps);
  const { removed, work, outcomes } = await killHolding(deps, {
    ...{ selectors: [...present], force: true, base, spec: deps.spec, now, care },
    forAWhile: true,
  });
  return {
    removed: removed.map((entry): RemovedAgent => {
      const had = work.get(entry.agent.name);
      return {
        entry,
        // One whose removal had been begun before is not known any more.
        uncollected: had === undefined ? entry.work : findUncollected(had, collected(entry.agent)),
      };
    }),
    problems: outcomes.flatMap(({ agent, error }) =>
      error === undefined ? [] : [{ agent, message: error.message }],
    ),
  };
}

/** Of those that have nothing that is nowhere else, nothing stays in the trash either. */
export async function discardCollected(deps: SpawnDeps, removed: readonly RemovedAgent[]): Promise<void> {
  for (const { entry, uncollected } of removed) {
    if (uncollected.length > 0) {
      await deps.locks.forget(`sync-${entry.agent.name}`);
      continue;
    }
    await discard(deps, entry);
  }
}

/** The same for those of whoever was killed before that, as far as it is known by now: without any work. */
export async function discardWorkless(deps: SpawnDeps): Promise<void> {
  for (const { entry, stage } of await deps.trash.list())
    if (stage === "kept" && entry.forAWhile === true && entry.work.length === 0 && !entry.keepsFiles)
      await discard(deps, entry);
}

async function discard(deps: SpawnDeps, entry: TrashEntry): Promise<void> {
  await discardEntry(deps, entry).catch((error: unknown) => {
    if (!isDevkitError(error)) throw error;
    deps.progress.warn(`${entry.id} stays in the trash: ${error.message}`);
  });
}
