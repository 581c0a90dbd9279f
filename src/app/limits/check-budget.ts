import { DevkitError } from "../../base/errors.js";
import { countOf } from "../../base/plural.js";
import { formatSize } from "../../base/sizes.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { isLive, type ObservedAgent } from "../../domain/agents/observed.js";
import {
  findExcess,
  sumOf,
  together,
  type AgentLimits,
  type BudgetKey,
  type Excess,
} from "../../domain/limits/budget.js";
import { recordedLimits } from "../../domain/limits/recorded-limits.js";
import type { Settings, SettingsOf } from "../../domain/settings/settings.js";
import type { Engine } from "../ports-engine.js";
import type { Progress } from "../ports.js";

export interface BudgetCheck {
  /** Agents 1..N. */
  readonly agents: readonly AgentRef[];
  /** All there are. */
  readonly observed: readonly ObservedAgent[];
  readonly settings: Settings;
  readonly settingsOf: SettingsOf;
}

const WHAT: Readonly<Record<BudgetKey, string>> = {
  memory: "of memory",
  cpus: "processors",
  pids: "processes",
};

/** @throws DevkitError E_BUDGET when the agents would have more than `[budget]` gives all of them */
export function requireBudget(check: BudgetCheck): void {
  const { wanted, running } = limitsOf(check);
  const excess = findExcess({ wanted, running, budget: check.settings.budget });
  if (excess === undefined) return;
  const { key, sum, budget, agents, fits } = excess;
  throw new DevkitError(
    "E_BUDGET",
    `${countOf(agents, "running agent")} would have ${show(key, sum)} ${WHAT[key]}, and the budget of all is ${show(key, budget)}`,
    { hint: hintFor(excess), details: { limit: key, sum, budget, agents, fits } },
  );
}

function hintFor({ key, fits }: Excess): string {
  const force = "or add --force";
  if (fits > 0) return `so many fit: devkit agent up ${String(fits)}; ${force}`;
  return `stop some: devkit agent down; or change [container] ${key} or [budget] ${key} in devkit.toml; ${force}`;
}

/** Says once when agents may have more memory together than the machine has, which is normal until all want it at once. */
export async function warnAboutMemory(
  engine: Engine,
  progress: Pick<Progress, "warn">,
  check: BudgetCheck,
): Promise<void> {
  const { wanted, running } = limitsOf(check);
  const all = together(wanted, running);
  const limits = all.map((one) => one.limits);
  const [sum, { memoryBytes }] = [sumOf(limits, "memory"), await engine.info()];
  if (sum <= memoryBytes) return;
  progress.warn(
    `${countOf(all.length, "agent")} may use ${formatSize(sum)} of memory together, and this machine has ${formatSize(memoryBytes)}; ` +
      "[container] memory is what each may use, [budget] memory what all may",
  );
}

function limitsOf({ agents, observed, settingsOf }: BudgetCheck): {
  wanted: AgentLimits[];
  running: AgentLimits[];
} {
  const live = observed.filter(({ container }) => container !== undefined && isLive(container));
  return {
    wanted: agents.map((agent) => ({ agent, limits: settingsOf(agent).container })),
    running: live.map(({ agent, container }) => ({
      agent,
      limits: recordedLimits(container?.config) ?? settingsOf(agent).container,
    })),
  };
}

function show(key: BudgetKey, amount: number): string {
  return key === "memory" ? formatSize(amount) : String(amount);
}
