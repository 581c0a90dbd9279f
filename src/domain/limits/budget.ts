import type { AgentRef } from "../agents/agent.js";
import type { BudgetSettings, Limits } from "../settings/settings.js";

/** What one agent may have, or will have. */
export interface AgentLimits {
  readonly agent: AgentRef;
  readonly limits: Limits;
}

export type BudgetKey = keyof BudgetSettings;

export interface BudgetRequest {
  /** Agents 1..N as they are to be. */
  readonly wanted: readonly AgentLimits[];
  /** All that run now. */
  readonly running: readonly AgentLimits[];
  readonly budget: BudgetSettings;
}

export interface Excess {
  readonly key: BudgetKey;
  readonly sum: number;
  readonly budget: number;
  /** Agents that would run. */
  readonly agents: number;
  /** The highest N that fits, 0 when none does. */
  readonly fits: number;
}

const KEYS: readonly BudgetKey[] = ["memory", "cpus", "pids"];

/** The first thing of which N agents would have more than the budget, undefined when there is none. */
export function findExcess({ wanted, running, budget }: BudgetRequest): Excess | undefined {
  const all = together(wanted, running);
  const isIn = (some: readonly AgentLimits[], key: BudgetKey) =>
    sumOf(some, key) <= (budget[key] ?? Number.POSITIVE_INFINITY);
  const key = KEYS.find((one) => !isIn(all, one));
  if (key === undefined) return undefined;
  const counts = wanted.map((_, position) => wanted.length - position - 1);
  const fits = counts.find((count) => {
    const some = together(wanted.slice(0, count), running);
    return count > 0 && KEYS.every((one) => isIn(some, one));
  });
  return { key, sum: sumOf(all, key), budget: budget[key] ?? 0, agents: all.length, fits: fits ?? 0 };
}

/** Those to be, and what runs beside them: agents of a higher index are not stopped. */
export function together(
  wanted: readonly AgentLimits[],
  running: readonly AgentLimits[],
): readonly AgentLimits[] {
  const names = new Set(wanted.map(({ agent }) => agent.name));
  return [...wanted, ...running.filter(({ agent }) => !names.has(agent.name))];
}

export function sumOf(agents: readonly AgentLimits[], key: BudgetKey): number {
  // Processors come in parts: a tenth ten times is one.
  return Number(agents.reduce((sum, { limits }) => sum + limits[key], 0).toFixed(6));
}
