import { formatSize } from "../../base/sizes.js";
import type { BudgetSettings, Limits } from "../settings/settings.js";
import { BUDGET_KEYS, sumOf, type BudgetKey } from "./budget.js";
import { findShortage, type MachineState, type Shortage } from "./room.js";

/** What the next agent that waits is to have, and what there is of it: bytes, processors, processes or agents. */
export interface Lack {
  readonly of: "jobs" | BudgetKey | Shortage["of"];
  readonly needed: number;
  readonly available: number;
}

export interface AdmissionRequest {
  /** What each that waits will have, in the order in which they start. */
  readonly waiting: readonly Limits[];
  /** All of the project that run; `ends`: by itself, as agents of runs do. */
  readonly running: readonly { readonly limits: Limits; readonly ends: boolean }[];
  /** Agents of this run there are at the moment. */
  readonly own: number;
  /** Those of them that have not been there for long enough to have taken what a start takes. */
  readonly fresh: number;
  /** How many of this run there may be at once. */
  readonly jobs: number | undefined;
  readonly budget: BudgetSettings;
  /** Undefined: it is not asked. */
  readonly machine: MachineState | undefined;
}

export interface Admission {
  /** How many may start now. */
  readonly count: number;
  /** What keeps the next one from it; undefined: there is none. */
  readonly lack: Lack | undefined;
  /** Even when all that ends by itself has ended there is not enough for the next one. */
  readonly isHopeless: boolean;
}

/** Which agents of a run may start now: in their order, so that a large one is not passed by small ones for ever. */
export function admit(request: AdmissionRequest): Admission {
  const { waiting, running } = request;
  for (const [count, next] of waiting.entries()) {
    const lack = findLack(request, waiting.slice(0, count), next);
    if (lack === undefined) continue;
    const staying = running.filter(({ ends }) => !ends).map(({ limits }) => limits);
    return { count, lack, isHopeless: findOver([...staying, next], request.budget) !== undefined };
  }
  return { count: waiting.length, lack: undefined, isHopeless: false };
}

function findLack(request: AdmissionRequest, before: readonly Limits[], next: Limits): Lack | undefined {
  const { own, jobs, fresh, running, budget, machine } = request;
  if (jobs !== undefined && own + before.length >= jobs) return { of: "jobs", needed: 1, available: 0 };
  const beside = [...running.map(({ limits }) => limits), ...before];
  const key = findOver([...beside, next], budget);
  if (key !== undefined) {
    const available = Number(((budget[key] ?? 0) - sumOf(beside, key)).toFixed(6));
    return { of: key, needed: next[key], available: Math.max(0, available) };
  }
  return machine && findShortage(machine, fresh + before.length + 1, next);
}

function findOver(all: readonly Limits[], budget: BudgetSettings): BudgetKey | undefined {
  return BUDGET_KEYS.find((key) => sumOf(all, key) > (budget[key] ?? Number.POSITIVE_INFINITY));
}

/** `4.0 GiB of memory; the budget has 2.0 GiB left`. */
export function describeLack({ of, needed, available }: Lack): string {
  const [want, have] = [formatSize(needed), formatSize(available)];
  switch (of) {
    case "jobs":
      return "one of them to end";
    case "memory":
      return `${want} of memory; the budget has ${have} left`;
    case "cpus":
      return `${String(needed)} processors; the budget has ${String(available)} left`;
    case "pids":
      return `${String(needed)} processes; the budget has ${String(available)} left`;
    case "free_memory":
      return `${want} of free memory; this machine has ${have}`;
    case "free_disk":
      return `${want} of free disk; this machine has ${have}`;
  }
}
