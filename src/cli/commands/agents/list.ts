import type { ListedAgent } from "../../../app/agents/list.js";
import type { HomeSize } from "../../../app/ports-homes.js";
import type { ListedPorts } from "../../../app/ports/list-ports.js";
import { portRow } from "../../../output/views/ports.js";
import { memoryData } from "../../../output/views/limits.js";
import type { Activity } from "../../../domain/activity/activity.js";
import { ACTIVITY_JSON, activityData } from "../../../output/views/activity.js";
import type { Workload } from "../../../app/agents/workloads.js";
import { agentTable, wideAgentTable } from "../../../output/views/agent-table.js";
import type { AgentRow } from "../../../output/views/agents.js";
import { sizeData, usageData, usageTable, USAGE_JSON } from "../../../output/views/usage.js";
import { workloadData } from "../../../output/views/workloads.js";
import { DevkitError } from "../../../base/errors.js";
import { defineCommand, flag } from "../../command.js";
import type { Deps } from "../../deps.js";
import { reclaimRequest } from "../reclaim/reclaim-request.js";
import { warnAboutSync } from "./sync-warnings.js";

/** How long files are counted at most. */
const USAGE_MS = 10_000;

export const agentList = defineCommand({
  path: "agent list",
  summary: "List the agents, after bringing their commits home",
  arguments: [],
  options: {
    quiet: flag("-q, --quiet", "print names only"),
    wide: flag("-w, --wide", "also containers, commits, homes and places of worktrees"),
    usage: flag(
      "--usage",
      "what each takes of memory, processors and disk, and how much nobody needs any more; takes some seconds (docs/limits.md)",
    ),
    watch: flag("--watch", "show what agents are at until Ctrl-C, at every change (docs/activity.md)"),
  },
  examples: [
    "devkit agent list",
    "devkit agent list --wide",
    "devkit agent list --usage",
    "devkit agent list --json | jq -r '.data.agents[].branch'",
  ],
  json: `{ agents: [{ index, name, state, runtime: "container"|"host", branch: string|null, worktree, sync: "current"|"updated"|"diverged"|"refused"|"failed", ports: [{ inside, address, state: "open"|"taken"|"closed" }], homeBytes: bytes|null, homeComplete, outOfMemory: { kills: number|null, last: RFC 3339|null, limit: bytes|null }|null, task_id, task_title, task_status, tmux_session: string|null, tmux_running, tmux_ended: string|null, activity: ${ACTIVITY_JSON} }] }; with --usage each also has usage: ${USAGE_JSON}, and beside agents there is reclaimable: { bytes, complete }; with --watch one { at, index, name, container: string|null, activity: …|null, previous: state|null, task_id: string|null, task_status: string|null } per line`,
  async run({ options, deps, reporter, shutdown }) {
    if (options.watch) {
      refuseBoth(options);
      const { watchList } = await import("../activity/watch-list.js");
      return watchList(deps, reporter, shutdown);
    }
    const [
      { listAgents },
      { finishAgents },
      { addActivity },
      { loadWorkloads },
      { addPorts },
      { measureHomes },
      { tendClaims },
    ] = await Promise.all([
      import("../../../app/agents/list.js"),
      import("../../../app/agents/finish-agents.js"),
      import("../../../app/activity/find-activity.js"),
      import("../../../app/agents/workloads.js"),
      import("../../../app/ports/list-ports.js"),
      import("../../../app/identity/measure-homes.js"),
      import("../../../app/tasks/tend-claims.js"),
    ]);
    const [project, activity, { settingsOf }] = await Promise.all([
      deps.spawning(),
      deps.activity(),
      deps.config(),
    ]);
    await finishAgents(project, new Date());
    await tendClaims(project.pool);
    const [agents, homes, workloadOf] = await Promise.all([
      listAgents(project, deps.spec)
        .then((all) => addPorts(project, { settingsOf, host: deps.host }, all))
        .then((all) => addActivity({ ...project, ...activity }, all)),
      measureHomes(project),
      loadWorkloads(project),
    ]);
    warnAboutSync(agents, reporter);
    const rows = agents.map((one) => toAgentRow(one, homes, workloadOf(one.agent.name)));
    const names = () => rows.map(({ name }) => name).join("\n");
    if (options.usage) {
      const { data, text } = await addUsage(deps, agents, rows, shutdown.signal);
      return { data, human: options.quiet ? names : text };
    }
    const table = options.wide ? wideAgentTable : agentTable;
    return {
      data: { agents: rows },
      human: () => (options.quiet ? names() : table(rows, project.project.root)),
    };
  },
});

/** @throws DevkitError E_USAGE */
function refuseBoth({ usage }: { readonly usage: boolean }): void {
  if (!usage) return;
  throw new DevkitError("E_USAGE", "--watch shows what agents are at, and --usage what they take", {
    hint: "one after the other: devkit agent list --usage",
  });
}

/** The same with what each takes. */
async function addUsage(
  deps: Deps,
  agents: readonly ListedAgent[],
  rows: readonly AgentRow[],
  signal: AbortSignal,
) {
  const [{ findUsage }, { pruneAll, sizeOf }, project, care, request] = await Promise.all([
    import("../../../app/limits/find-usage.js"),
    import("../../../app/reclaim/prune-all.js"),
    deps.projectDeps(),
    deps.worktreeCare(),
    reclaimRequest(deps, { signal, patienceMs: USAGE_MS }),
  ]);
  const [usages, { items, problems }] = await Promise.all([
    findUsage(
      project,
      agents.map(({ observed }) => observed),
      USAGE_MS,
    ),
    pruneAll({ ...project, care }, request),
  ]);
  const size = sizeOf(items);
  const reclaimable = { ...size, isComplete: size.isComplete && problems.length === 0 };
  const used = rows.flatMap((row) => {
    const usage = usages.get(row.name);
    return usage === undefined ? [] : [{ row, usage }];
  });
  return {
    data: {
      agents: used.map(({ row, usage }) => ({ ...row, usage: usageData(usage) })),
      reclaimable: sizeData(reclaimable),
    },
    text: () => usageTable(used, reclaimable),
  };
}

export function toAgentRow(
  one: ListedAgent & { readonly ports: ListedPorts; readonly activity: Activity },
  homes: ReadonlyMap<string, HomeSize>,
  workload: Workload,
): AgentRow {
  const home = homes.get(one.agent.name);
  return {
    ...one.agent,
    state: stateOf(one, workload),
    runtime: one.observed.state.runtime,
    branch: one.branch ?? null,
    worktree: one.worktree,
    sync: syncState(one),
    ports: one.ports.published.map(portRow),
    homeBytes: home?.bytes ?? null,
    homeComplete: home?.isComplete ?? true,
    outOfMemory: one.outOfMemory === undefined ? null : memoryData(one.outOfMemory),
    activity: activityData(one.activity),
    ...workloadData(workload),
  };
}

function stateOf({ observed: { container, state } }: ListedAgent, { session }: Workload): AgentRow["state"] {
  if (state.runtime === "host") return session?.state === "running" ? "running" : "exited";
  return container?.state ?? "absent";
}

function syncState({ sync, syncError }: ListedAgent): AgentRow["sync"] {
  if (syncError !== undefined || sync === undefined || sync.unreadable) return "failed";
  if (sync.diverged.length > 0) return "diverged";
  if (sync.refused.length > 0) return "refused";
  return sync.updated.length + sync.given.length > 0 ? "updated" : "current";
}
