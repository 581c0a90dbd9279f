import type { AgentRef } from "../../domain/agents/agent.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import { toDevkitError, type DevkitError } from "../../base/errors.js";
import type { HostRefs } from "../../domain/custody/sync-plan.js";
import { glanceAtAll, type Glance } from "../custody/glance.js";
import { SHORT_PATIENCE_MS, syncAgent } from "../custody/sync.js";
import type { SyncOutcome } from "../custody/sync-outcome.js";
import type { ProjectDeps } from "../ports.js";
import { findOutOfMemory, type OutOfMemory } from "../limits/find-out-of-memory.js";
import { observeWithRecords, type ObservedRecord } from "./observe.js";
import { selectAgents } from "./select.js";

export interface ListedAgent {
  readonly agent: AgentRef;
  readonly observed: ObservedAgent;
  /** The host's name of the branch the agent is on, short; undefined when detached or unreadable. */
  readonly branch: string | undefined;
  readonly worktree: string;
  readonly sync: SyncOutcome | undefined;
  /** Why its commits could not be brought home. */
  readonly syncError: DevkitError | undefined;
  /** What the kernel ended in it for want of memory. */
  readonly outOfMemory: OutOfMemory | undefined;
}

export type SpecOf = (agent: AgentRef) => Promise<ContainerSpec>;

/** Some agents, or all, after bringing commits home; one agent's trouble with that does not hide the others. */
export async function listAgents(
  deps: ProjectDeps,
  spec: SpecOf,
  selectors: readonly string[] = [],
): Promise<ListedAgent[]> {
  const [records, glances] = await Promise.all([observeWithRecords(deps), glanceAtAll(deps)]);
  const present = records.filter(({ observed }) => isPresent(observed));
  const selected = selectAgents(
    selectors,
    present.map((one) => ({ ...one, agent: one.observed.agent })),
  );
  const hosts = await hostRefsOf(deps, selected, glances);
  return Promise.all(
    selected.map(async ({ observed: one }): Promise<ListedAgent> => {
      const paths = agentPaths(deps.project, one.agent);
      const { name } = one.agent;
      const seen = { host: hosts.get(name) ?? new Map<string, string>(), glance: glances.get(name) };
      const [outcome, outOfMemory] = await Promise.all([
        trySync(deps, one, seen, spec),
        findOutOfMemory(deps.engine, one.container),
      ]);
      const head = outcome.sync?.head;
      return {
        agent: one.agent,
        observed: one,
        branch: head === undefined ? one.worktree.branch : shortBranch(head),
        worktree: paths.worktree,
        ...outcome,
        outOfMemory,
      };
    }),
  );
}

/** What the host has of each agent. For agents on their one branch git has said so already; others cost a question. */
async function hostRefsOf(
  deps: ProjectDeps,
  selected: readonly ObservedRecord[],
  glances: ReadonlyMap<string, Glance>,
): Promise<ReadonlyMap<string, HostRefs>> {
  const found = new Map<string, HostRefs>();
  for (const { observed, record } of selected) {
    const heads = glances.get(observed.agent.name)?.refs.heads;
    const ref = `refs/heads/${record?.branch ?? ""}`;
    const isOnlyOne = heads?.size === 1 && heads.has(ref);
    if (!isOnlyOne || record?.head === undefined) return deps.history.agentRefs();
    found.set(observed.agent.name, new Map([[ref, record.head]]));
  }
  return found;
}

function shortBranch(head: string): string | undefined {
  return head.startsWith("refs/heads/") ? head.slice("refs/heads/".length) : undefined;
}

async function trySync(
  deps: ProjectDeps,
  observed: ObservedAgent,
  { host, glance }: { host: HostRefs; glance: Glance | undefined },
  spec: SpecOf,
): Promise<Pick<ListedAgent, "sync" | "syncError">> {
  try {
    return {
      sync: await syncAgent({ ...deps, spec, patienceMs: SHORT_PATIENCE_MS }, observed, host, glance),
      syncError: undefined,
    };
  } catch (error) {
    const syncError = toDevkitError(error);
    if (syncError.code === "E_BUG") throw error;
    return { sync: undefined, syncError };
  }
}
