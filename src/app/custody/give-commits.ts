import { quoteText } from "../../base/show-text.js";
import { createTextSink } from "../../base/text-sink.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { refuseRef, type RefusedRef } from "../../domain/custody/refs.js";
import type { RefMove } from "../../domain/custody/sync-plan.js";
import type { History } from "../ports.js";
import { runAgentGit, type AgentGitNeeds } from "./agent-git.js";
import type { SyncedRef } from "./sync-outcome.js";

export interface GiveNeeds extends AgentGitNeeds {
  readonly history: Pick<History, "lend">;
}

export interface Given {
  readonly given: readonly SyncedRef[];
  readonly refused: readonly RefusedRef[];
}

/**
 * Moves the agent's refs forward to commits that were made on the host. It has their objects already, lent; only its
 * own git writes in its git dir, in its container. `head`: the ref inside that HEAD names.
 */
export async function giveCommits(
  needs: GiveNeeds,
  observed: ObservedAgent,
  moves: readonly RefMove[],
  head: string | undefined,
): Promise<Given> {
  const given: SyncedRef[] = [];
  const refused: RefusedRef[] = [];
  for (const { from, to, oid, hostOid } of moves) {
    if (hostOid === undefined) continue;
    await needs.history.lend(observed.agent, hostOid);
    // The index first: a kill in between leaves changes that the same command finds made already.
    const trouble =
      (from === head
        ? await agentGit(needs, observed, ["read-tree", "-i", "-m", oid, hostOid])
        : undefined) ??
      (await agentGit(needs, observed, [
        "update-ref",
        "-m",
        "devkit: commits of the host",
        from,
        hostOid,
        oid,
      ]));
    if (trouble === undefined) given.push({ ref: to, from: oid, to: hostOid, keptAs: undefined });
    else refused.push(refuseRef(to, `the agent cannot take the host's commits: ${trouble}`));
  }
  return { given, refused };
}

/** What the agent's git had to complain of, quoted; undefined when it succeeded. */
async function agentGit(
  needs: AgentGitNeeds,
  observed: ObservedAgent,
  args: readonly string[],
): Promise<string | undefined> {
  const ignored = createTextSink(0);
  const { exitCode, complaint } = await runAgentGit(needs, observed, { args, stdout: ignored.stream });
  return exitCode === 0 ? undefined : quoteText(complaint);
}
