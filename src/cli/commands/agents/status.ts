import type { AgentStatus } from "../../../app/agents/status.js";
import type { Activity } from "../../../domain/activity/activity.js";
import { activityData, activityLine } from "../../../output/views/activity.js";
import type { HomeSize } from "../../../app/ports-homes.js";
import { homeSizeText } from "../../../output/views/homes.js";
import { planData } from "../../../output/views/agents.js";
import { hookData, hookText } from "../../../output/views/hooks.js";
import { memoryText } from "../../../output/views/limits.js";
import { defineCommand } from "../../command.js";
import { portText } from "../../../output/views/ports.js";
import { formatBlock } from "../../../domain/ports/block.js";
import { taskName } from "../../../output/views/tasks.js";
import { sessionText, taskFields, workloadData } from "../../../output/views/workloads.js";
import { MAIN, type Task } from "../../../domain/tasks/task.js";
import type { Workload } from "../../../app/agents/workloads.js";
import { findHere } from "../../find-here.js";
import { toAgentRow } from "./list.js";
import { warnAboutSync } from "./sync-warnings.js";

export const agentStatus = defineCommand({
  path: "agent status",
  summary: "Show everything about agents",
  description:
    "Shows each agent's container, branch, files as the host sees them, and what `agent up` would change about it and why; before that, whose worktree this is, and their task.",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {},
  examples: ["devkit agent status 2", "devkit agent status --json"],
  json: '{ agent_name: agent|"main", path, is_main, task_id, task_title, task_status, agents: [{ …as in agent list, container: { id, name, status }|null, home, hooks: [{ hook, state: "due"|"unfinished"|"done"|"failed"|"never", commands, began: RFC 3339|null, ended: RFC 3339|null, exitCode: number|null }], egress: string|null, endpoint: string|null, changed: number|null, untracked: number|null, changedSubmodules: [path], pending: [{ agent, kind, cause, after }]|null }] }',
  async run({ args, deps: asked, reporter }) {
    const [{ describeAgents }, { addActivity }, { loadWorkloads }, { measureHomes }] = await Promise.all([
      import("../../../app/agents/status.js"),
      import("../../../app/activity/find-activity.js"),
      import("../../../app/agents/workloads.js"),
      import("../../../app/identity/measure-homes.js"),
    ]);
    const { deps, agent: here } = await findHere(asked);
    const [project, activity, { settingsOf }] = await Promise.all([
      deps.spawning(),
      deps.activity(),
      deps.config(),
    ]);
    const { spec, wanted, host } = deps;
    const selectors = args.length === 0 && here !== undefined ? [here] : args;
    const [agents, homes, workloadOf] = await Promise.all([
      describeAgents(project, { selectors, spec, wanted, settingsOf, host }).then((all) =>
        addActivity({ ...project, ...activity }, all),
      ),
      measureHomes(project),
      loadWorkloads(project),
    ]);
    warnAboutSync(agents, reporter);
    const place: Place = {
      name: here ?? MAIN,
      path: agents.find(({ agent }) => agent.name === here)?.worktree ?? project.project.root,
      task: workloadOf(here ?? MAIN).task,
    };
    const blocks = () => [
      ...(args.length === 0 ? [placeText(place)] : []),
      ...agents.map((one) => toText(one, homes.get(one.agent.name), workloadOf(one.agent.name))),
      ...(agents.length === 0 ? ["No agents. Make some: devkit agent up 3"] : []),
    ];
    return {
      data: {
        ...{ agent_name: place.name, path: place.path, is_main: here === undefined },
        ...taskFields(place.task),
        agents: agents.map((one) => toData(one, homes, workloadOf(one.agent.name))),
      },
      human: () => blocks().join("\n\n"),
    };
  },
});

type Described = AgentStatus & { readonly activity: Activity };

/** Where the command was called. */
interface Place {
  readonly name: string;
  readonly path: string;
  readonly task: Task | undefined;
}

function placeText({ name, path, task }: Place): string {
  const shown = task === undefined ? "none; the next one: devkit task next --start" : taskName(task);
  const who = name === MAIN ? `${MAIN} (primary worktree)` : name;
  return `Agent: ${who}\n  Path: ${path}\n  Task: ${shown}`;
}

function toData(one: Described, homes: ReadonlyMap<string, HomeSize>, workload: Workload) {
  const { container } = one.observed;
  return {
    ...toAgentRow(one, homes, workload),
    container:
      container === undefined
        ? null
        : { id: container.id, name: container.name, status: container.statusText },
    home: one.home,
    egress: one.egress ?? null,
    endpoint: one.endpoint ?? null,
    hooks: one.hooks.map(hookData),
    changed: one.files?.changed ?? null,
    untracked: one.files?.untracked ?? null,
    changedSubmodules: one.changedModules,
    pending: one.pending === undefined ? null : planData({ operations: one.pending }),
  };
}

function toText(one: Described, size: HomeSize | undefined, workload: Workload): string {
  const { container } = one.observed;
  const files =
    one.files === undefined
      ? "no files"
      : `${String(one.files.changed)} changed, ${String(one.files.untracked)} untracked${modulesText(one.changedModules)}`;
  const pending =
    one.pending === undefined
      ? [`fail: ${one.pendingError?.message ?? ""}`]
      : one.pending.map(({ kind, cause }) => `${kind}: ${cause}`);
  const ports = [
    ...(one.ports.block === undefined ? [] : [formatBlock(one.ports.block)]),
    ...one.ports.published.map(portText),
  ];
  const memory = one.outOfMemory;
  if (one.observed.state.runtime === "host") return hostText(one, files, workload);
  return [
    one.agent.name,
    ...(memory === undefined ? [] : [`  memory     ${memoryText(memory)}`]),
    `  container  ${container === undefined ? "none" : `${container.state} (${container.statusText}), ${container.name}`}`,
    `  activity   ${activityLine(activityData(one.activity))}`,
    ...workText(one, files, workload),
    `  home       ${one.home}${size === undefined ? "" : ` (${homeSizeText(size)})`}`,
    `  egress     ${one.egress === "running" ? "up" : `${one.egress ?? "none"}: it reaches nothing`}`,
    `  endpoint   ${one.endpoint === "running" ? "up" : `${one.endpoint ?? "none"}: it does not reach the task pool (devkit up)`}`,
    `  ports      ${ports.length === 0 ? "none" : ports.join("\n             ")}`,
    ...one.hooks.map(
      (hook, position) => `  ${position === 0 ? "hooks     " : "          "} ${hookText(hook)}`,
    ),
    `  up would   ${pending.length === 0 ? "do nothing" : pending.join("\n             ")}`,
  ].join("\n");
}

/** What there is without a container. */
function hostText(one: Described, files: string, workload: Workload): string {
  return [
    one.agent.name,
    "  container  none: it runs on this machine, and can do there whatever you can",
    `  activity   ${activityLine(activityData(one.activity))}`,
    ...workText(one, files, workload),
  ].join("\n");
}

function workText(one: Described, files: string, workload: Workload): string[] {
  return [
    `  task       ${workload.task === undefined ? "none" : `${taskName(workload.task)} (${workload.task.status})`}`,
    `  session    ${sessionText(workloadData(workload))}`,
    `  branch     ${one.branch ?? "(detached)"}`,
    `  files      ${files}`,
    `  worktree   ${one.worktree}`,
  ];
}

/** Names are an agent's text. */
function modulesText(names: readonly string[]): string {
  return names.length === 0
    ? ""
    : `; changed in submodules: ${names.map((name) => JSON.stringify(name)).join(", ")}`;
}
