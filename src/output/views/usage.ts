import { formatSize } from "../../base/sizes.js";
import { diskOf, type AgentUsage, type DiskSize } from "../../domain/limits/agent-usage.js";
import type { AgentRow } from "./agents.js";
import { homeSizeText } from "./homes.js";
import { formatTable } from "./table.js";

/** Keys of what an agent takes, for the docs. */
export const USAGE_JSON =
  "{ memory: bytes|null, memoryLimit: bytes|null, peakMemory: bytes|null, cpus: number|null, worktree: { bytes, complete }|null, home: …, git: …, caches: …, volumes: …, layer: bytes|null, disk: { bytes, complete } }";

/** What an agent takes, as JSON. */
export function usageData(usage: AgentUsage) {
  const { memory, memoryLimit, peakMemory, cpus, worktree, home, git, caches, volumes, layer } = usage;
  return {
    ...{ memory: memory ?? null, memoryLimit: memoryLimit ?? null, peakMemory: peakMemory ?? null },
    ...{ cpus: cpus ?? null, worktree: sizeData(worktree), home: sizeData(home), git: sizeData(git) },
    ...{ caches: sizeData(caches), volumes: sizeData(volumes), layer: layer ?? null },
    disk: { bytes: diskOf(usage).bytes, complete: diskOf(usage).isComplete },
  };
}

export function sizeData(size: DiskSize | undefined) {
  return size === undefined ? null : { bytes: size.bytes, complete: size.isComplete };
}

export interface UsageRow {
  readonly row: Pick<AgentRow, "name" | "state">;
  readonly usage: AgentUsage;
}

const HEADER = [
  "AGENT",
  "STATE",
  "MEMORY",
  "CPU",
  "WORKTREE",
  "HOME",
  "GIT",
  "CACHES",
  "VOLUMES",
  "LAYER",
  "DISK",
];

/** Who takes what, and below it what could be had back. */
export function usageTable(rows: readonly UsageRow[], reclaimable: DiskSize): string {
  const cells = rows.map(({ row, usage }) => {
    const { memory, memoryLimit, cpus, worktree, home, git, caches, volumes, layer } = usage;
    const limit = memoryLimit === undefined ? "" : ` of ${formatSize(memoryLimit)}`;
    return [
      ...[row.name, row.state, memory === undefined ? "-" : `${formatSize(memory)}${limit}`],
      cpus === undefined ? "-" : cpus.toFixed(2),
      ...[worktree, home, git, caches, volumes].map((size) =>
        size === undefined ? "-" : homeSizeText(size),
      ),
      ...[layer === undefined ? "-" : formatSize(layer), homeSizeText(diskOf(usage))],
    ];
  });
  const table = rows.length === 0 ? "No agents" : formatTable(HEADER, cells);
  return `${table}\n\nNot needed any more: up to ${homeSizeText(reclaimable)}; what, and why: devkit prune`;
}
