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

export const BUDGET_KEYS: readonly BudgetKey[] = ["memory", "cpus", "pids"];

/** The first thing of which N agents would have more than the budget, undefined when there is none. */
export function findExcess({ wanted, running, budget }: BudgetRequest): Excess | undefined {
  const all = together(wanted, running);
  const isIn = (some: readonly AgentLimits[], key: BudgetKey) =>
    sumOf(
      some.map(({ limits }) => limits),
      key,
    ) <= (budget[key] ?? Number.POSITIVE_INFINITY);
  const key = BUDGET_KEYS.find((one) => !isIn(all, one));
  if (key === undefined) return undefined;
  const counts = wanted.map((_, position) => wanted.length - position - 1);
  const fits = counts.find((count) => {
    const some = together(wanted.slice(0, count), running);
    return count > 0 && BUDGET_KEYS.every((one) => isIn(some, one));
  });
  const sum = sumOf(
    all.map(({ limits }) => limits),
    key,
  );
  return { key, sum, budget: budget[key] ?? 0, agents: all.length, fits: fits ?? 0 };
}

/** Those to be, and what runs beside them: agents of a higher index are not stopped. */
export function together(
  wanted: readonly AgentLimits[],
  running: readonly AgentLimits[],
): readonly AgentLimits[] {
  const names = new Set(wanted.map(({ agent }) => agent.name));
  return [...wanted, ...running.filter(({ agent }) => !names.has(agent.name))];
}

export function sumOf(all: readonly Limits[], key: BudgetKey): number {
  // Processors come in parts: a tenth ten times is one.
  return Number(all.reduce((sum, limits) => sum + limits[key], 0).toFixed(6));
}
