import type { AgentRef } from "../../domain/agents/agent.js";
import type { AgentRuntime } from "../../domain/agents/runtime.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import type { Plan } from "../../domain/agents/plan.js";
import type { PortRow } from "./ports.js";
import { showHidden } from "../show-hidden.js";
import type { Paint } from "../paint.js";
import type { ActivityData } from "./activity.js";
import type { MemoryData } from "./limits.js";
import type { WorkloadData } from "./workloads.js";

/** One row of `agent list`, also its JSON. */
export interface AgentRow extends WorkloadData {
  readonly index: number;
  readonly name: string;
  /** Of its container; without one, whether its session runs. */
  readonly state: ContainerState | "absent";
  readonly runtime: AgentRuntime;
  /** Null when detached. */
  readonly branch: string | null;
  readonly worktree: string;
  /** Whether the agent's commits are on the host's branch. */
  readonly sync: "current" | "updated" | "diverged" | "refused" | "failed";
  readonly ports: readonly PortRow[];
  /** Bytes of its home on disk; null without one. */
  readonly homeBytes: number | null;
  /** False: it is larger than that. */
  readonly homeComplete: boolean;
  /** What the kernel ended in it for want of memory. */
  readonly outOfMemory: MemoryData | null;
  readonly activity: ActivityData;
}

/** Why what all agents share has to be made. */
interface Causes {
  readonly imageCause?: string | undefined;
  readonly egressCause?: string | undefined;
  /** Commands that run on this machine first. */
  readonly hostHooks?: readonly string[];
}

/** The plan of a dry run: every operation with its cause. */
export function planText(
  plan: Plan,
  { imageCause, egressCause, hostHooks = [] }: Causes,
  paint: Paint,
): string {
  const image = imageCause === undefined ? [] : [`${paint("cyan", "image.build")}: ${imageCause}`];
  const egress = egressCause === undefined ? [] : [`${paint("cyan", "egress.start")}: ${egressCause}`];
  const lines = plan.operations.map(
    ({ agent, kind, cause }) => `${paint("bold", agent.name)}  ${paint("cyan", kind)}: ${cause}`,
  );
  const host = hostHooks.map(
    (command) => `${paint("cyan", "hook.host")}: on this machine: ${showHidden(command)}`,
  );
  const all = [...image, ...egress, ...host, ...lines];
  return all.length === 0 ? "Nothing to do." : all.join("\n");
}

/** The plan's JSON. */
export function planData(
  plan: Plan,
): { agent: string; kind: string; cause: string; after: readonly string[] }[] {
  return plan.operations.map(({ agent, kind, cause, after }) => ({ agent: agent.name, kind, cause, after }));
}

export function countAgents(agents: readonly AgentRef[]): string {
  return agents.length === 1 ? "1 agent" : `${String(agents.length)} agents`;
}

/** What `agent up` says in the end; agents without a container are not among these. */
export function runningText(
  agents: readonly AgentRef[],
  isChanged: boolean,
  expires: string | null = null,
): string {
  const until = expires === null ? "" : ` until ${expires.replace(/\.\d+Z$/, "Z")}`;
  const shown = agents[1] ?? agents[0];
  const next = shown === undefined ? "" : ` Open a shell: devkit exec-cd ${String(shown.index)} bash`;
  return `${countAgents(agents)} running${until}${isChanged ? "" : ", nothing to do"}.${next}`;
}
