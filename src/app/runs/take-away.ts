import { toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { RunEvent } from "../../domain/runs/run-event.js";
import type { AgentResult } from "../../domain/runs/run-result.js";
import type { Collected } from "../../domain/runs/uncollected.js";
import type { RanAgent } from "./run-agents.js";
import type { RunDeps } from "./run-deps.js";
import { discardCollected, tearDown, type RemovedAgent, type TearDown } from "./tear-down.js";

export interface TakeAwayRequest {
  /** The run's. */
  readonly id: string;
  readonly base: string;
  /** What was gathered of them is nowhere else until the proof is published: until then the trash has it too. */
  readonly keepsTrash: boolean;
  readonly onEvent: (event: RunEvent) => void;
}

export interface TakeAway {
  /** By name: those there may be something of. */
  readonly reserved: Map<string, AgentRef>;
  /** Takes these away. */
  take(this: void, ended: readonly RanAgent[]): Promise<void>;
  /** Takes all away that are left; `ran`: all that have ended. */
  takeRest(ran: readonly RanAgent[]): Promise<void>;
  /** With what became of each. */
  complete(ran: readonly RanAgent[]): AgentResult[];
  /** Empties the trash of what is in the published proof. */
  discard(): Promise<void>;
}

/** Takes agents of a run away, whenever some have ended. */
export function createTakeAway(calm: RunDeps, request: TakeAwayRequest): TakeAway {
  const { id, base, keepsTrash, onEvent } = request;
  const reserved = new Map<string, AgentRef>();
  const removed: RemovedAgent[] = [];
  const problems: TearDown["problems"][number][] = [];
  const kept: RemovedAgent[] = [];
  const complete = (ran: readonly RanAgent[]) =>
    ran.map((one): AgentResult => {
      const is = ({ agent }: { readonly agent: AgentRef }) => agent.name === one.agent.name;
      const left = removed.find(({ entry, uncollected }) => is(entry) && uncollected.length > 0);
      const trouble = problems.filter(is).map(({ message }) => `it is not taken away whole: ${message}`);
      return { ...one, problems: [...one.problems, ...trouble], trash: left?.entry.id };
    });
  const take = async (ended: readonly RanAgent[], agents: readonly AgentRef[]) => {
    const torn = await takeAway(calm, ended, { agents, base });
    const taken = new Set(agents.map(({ name }) => name));
    for (const name of taken) reserved.delete(name);
    removed.push(...torn.removed);
    problems.push(...torn.problems);
    for (const { agent, trash, branch } of complete(ended)) {
      if (branch === undefined || !taken.has(agent.name)) continue;
      const at = new Date().toISOString();
      onEvent({ event: "removed", at, run: id, agent: agent.name, trash: trash ?? null });
    }
    if (keepsTrash) kept.push(...torn.removed);
    else await discardCollected(calm, torn.removed);
  };
  return {
    ...{ reserved, complete },
    take: (ended) =>
      take(
        ended,
        ended.map(({ agent }) => agent),
      ),
    takeRest: (ran) => take(ran, [...reserved.values()]),
    discard: () => discardCollected(calm, kept),
  };
}

async function takeAway(
  calm: RunDeps,
  ran: readonly RanAgent[],
  { agents, base }: { readonly agents: readonly AgentRef[]; readonly base: string },
): Promise<TearDown> {
  const filesOf = new Map(ran.map(({ agent, files }) => [agent.name, files]));
  const collected = ({ name }: AgentRef) => {
    const files = filesOf.get(name);
    const has = (kind: keyof Collected) => files?.[kind] !== undefined;
    return {
      ...{ bundle: has("bundle"), patch: has("patch") },
      ...{ untracked: has("untracked"), stashes: has("stashes") },
    };
  };
  try {
    return await calm.locks.hold("agents", () =>
      tearDown(calm, { agents, base, now: new Date(), collected }),
    );
  } catch (error) {
    // What was gathered is no less true for it, and the notes tell the next command what to do.
    const { code, message } = toDevkitError(error);
    if (code === "E_BUG") throw error;
    calm.progress.warn(`the agents were not taken away, which the next devkit does: ${message}`);
    return { removed: [], problems: agents.map((agent) => ({ agent, message })) };
  }
}
