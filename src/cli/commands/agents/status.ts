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
import { toAgentRow } from "./list.js";
import { warnAboutSync } from "./sync-warnings.js";

export const agentStatus = defineCommand({
  path: "agent status",
  summary: "Show everything about agents",
  description:
    "Shows each agent's container, branch, files as the host sees them, and what `agent up` would change about it and why.",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {},
  examples: ["devkit agent status 2", "devkit agent status --json"],
  json: '{ agents: [{ …as in agent list, container: { id, name, status }|null, home, hooks: [{ hook, state: "due"|"unfinished"|"done"|"failed"|"never", commands, began: RFC 3339|null, ended: RFC 3339|null, exitCode: number|null }], egress: string|null, endpoint: string|null, changed: number|null, untracked: number|null, changedSubmodules: [path], pending: [{ agent, kind, cause, after }]|null }] }',
  async run({ args, deps, reporter }) {
    const [{ describeAgents }, { addActivity }, { measureHomes }] = await Promise.all([
      import("../../../app/agents/status.js"),
      import("../../../app/activity/find-activity.js"),
      import("../../../app/identity/measure-homes.js"),
    ]);
    const [project, activity, { settingsOf }] = await Promise.all([
      deps.projectDeps(),
      deps.activity(),
      deps.config(),
    ]);
    const { spec, wanted, host } = deps;
    const [agents, homes] = await Promise.all([
      describeAgents(project, { selectors: args, spec, wanted, settingsOf, host }).then((all) =>
        addActivity({ ...project, ...activity }, all),
      ),
      measureHomes(project),
    ]);
    warnAboutSync(agents, reporter);
    return {
      data: { agents: agents.map((one) => toData(one, homes)) },
      human: () =>
        agents.length === 0
          ? "No agents. Make some: devkit agent up 3"
          : agents.map((one) => toText(one, homes.get(one.agent.name))).join("\n\n"),
    };
  },
});

type Described = AgentStatus & { readonly activity: Activity };

function toData(one: Described, homes: ReadonlyMap<string, HomeSize>) {
  const { container } = one.observed;
  return {
    ...toAgentRow(one, homes),
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

function toText(one: Described, size: HomeSize | undefined): string {
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
  return [
    one.agent.name,
    ...(memory === undefined ? [] : [`  memory     ${memoryText(memory)}`]),
    `  container  ${container === undefined ? "none" : `${container.state} (${container.statusText}), ${container.name}`}`,
    `  activity   ${activityLine(activityData(one.activity))}`,
    `  branch     ${one.branch ?? "(detached)"}`,
    `  files      ${files}`,
    `  worktree   ${one.worktree}`,
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

/** Names are an agent's text. */
function modulesText(names: readonly string[]): string {
  return names.length === 0
    ? ""
    : `; changed in submodules: ${names.map((name) => JSON.stringify(name)).join(", ")}`;
}
