import { availableParallelism } from "node:os";
import { createLimiter } from "../../base/concurrency.js";
import type { Conflict } from "../../domain/custody/tree-merge.js";
import type { SpecOf } from "../agents/list.js";
import type { MergeDeps } from "../ports-merging.js";
import { loadAgentHeads, warnAboutHeads, warnAboutUncommitted, type AgentHead } from "./agent-heads.js";
import { warnAboutInterruptedMerge } from "./finish-merge.js";

export interface ConflictsRequest {
  /** The branch or commit every agent is compared with, besides the others. */
  readonly base: string;
  readonly spec: SpecOf;
}

export interface PairConflicts {
  /** The base's name, or an agent's. */
  readonly one: string;
  readonly other: string;
  readonly verdict: "clean" | "conflict" | "unrelated";
  readonly files: readonly Conflict[];
}

export interface ConflictMatrix {
  readonly base: { readonly name: string; readonly oid: string };
  readonly agents: readonly AgentHead[];
  /** Files with uncommitted changes, by agent name; the answer is without them. */
  readonly uncommitted: ReadonlyMap<string, number>;
  readonly pairs: readonly PairConflicts[];
}

/** Merges every pair of agents, and each with the base, in a place of its own that is gone afterwards. */
export async function findConflicts(deps: MergeDeps, request: ConflictsRequest): Promise<ConflictMatrix> {
  await warnAboutInterruptedMerge(deps);
  const agents = await loadAgentHeads(deps, [], request.spec);
  warnAboutHeads(deps, agents);
  const uncommitted = await warnAboutUncommitted(deps, agents, "which are not part of this");
  const base = { name: request.base, oid: await deps.history.requireCommit(request.base) };
  const sides = [base, ...agents.map(({ agent, oid }) => ({ name: agent.name, oid }))];
  const limit = createLimiter(availableParallelism());
  const pairs = await deps.merges.aside((merges) =>
    Promise.all(
      sides.flatMap((one, position) =>
        sides.slice(position + 1).map((other) =>
          limit(async (): Promise<PairConflicts> => {
            const names = { one: one.name, other: other.name };
            if (one.oid === undefined || other.oid === undefined)
              return { ...names, verdict: "unrelated", files: [] };
            if (one.oid === other.oid) return { ...names, verdict: "clean", files: [] };
            const merged = await merges.mergeTrees(one.oid, other.oid);
            const files = merged?.conflicts ?? [];
            const verdict = merged === undefined ? "unrelated" : files.length > 0 ? "conflict" : "clean";
            return { ...names, verdict, files };
          }),
        ),
      ),
    ),
  );
  return { base, agents, uncommitted, pairs };
}
