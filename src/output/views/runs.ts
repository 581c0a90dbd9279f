import { formatSize } from "../../base/sizes.js";
import { shellWord } from "../../base/shell-word.js";
import { showText } from "../../base/show-text.js";
import type { AgentResult, EndReason, RunResult } from "../../domain/runs/run-result.js";
import type { ReapedRow } from "./reaped.js";
import { reapedData } from "./reaped.js";
import { formatTable } from "./table.js";

/** Keys of a run's document, for the docs. */
export const RUN_JSON =
  "{ id: string|null, base: string|null, command: [string], started_at: string|null, duration_ms, jobs: int|null, waited, passed, counts: { passed, failed, timeout, interrupted, out_of_memory, not_started }, out: string|null, " +
  "agents: [{ index, name, task_id: string|null, task_title: string|null, branch: string|null, reason, exit_code: int|null, started_at: string|null, waited_ms, duration_ms, commits: [{ oid, subject }], changed_files, " +
  "egress: { allowed, denied, failed }, peak_memory: bytes|null, disk: bytes|null, files: { log, patch, bundle, untracked, stashes, egress }, problems: [string], trash: string|null, restore: string|null }], reaped: [{ index, name, run: string|null, trash: string|null }] }";

const REASONS: readonly EndReason[] = [
  "passed",
  "failed",
  "timeout",
  "interrupted",
  "out_of_memory",
  "not_started",
];

/** A run as JSON. Files are relative to `out`. */
export function runData(run: RunResult) {
  const { agents } = run;
  const counts = REASONS.map((reason) => [reason, agents.filter((one) => one.reason === reason).length]);
  return {
    ...{ id: run.id, base: run.base, command: run.argv, started_at: run.startedAt },
    ...{ duration_ms: run.durationMs, jobs: run.jobs ?? null, waited: countWaited(run) },
    passed: agents.every(({ reason }) => reason === "passed"),
    counts: Object.fromEntries(counts) as Readonly<Record<EndReason, number>>,
    out: run.out ?? null,
    agents: agents.map(agentData),
    reaped: reapedData([]),
  };
}

/** The same document where only what others left was taken away. */
export function reapData(rows: readonly ReapedRow[]) {
  return {
    ...{
      id: null,
      base: null,
      command: [],
      started_at: null,
      duration_ms: 0,
      jobs: null,
      waited: 0,
      passed: true,
    },
    counts: Object.fromEntries(REASONS.map((reason) => [reason, 0])),
    ...{ out: null, agents: [], reaped: reapedData(rows) },
  };
}

function agentData(one: AgentResult) {
  const { log, patch, bundle, untracked, stashes, egress } = one.files;
  return {
    ...{ index: one.agent.index, name: one.agent.name },
    ...{ task_id: one.task?.id ?? null, task_title: one.task?.title ?? null, branch: one.branch ?? null },
    ...{ reason: one.reason, exit_code: one.exitCode ?? null, started_at: one.startedAt ?? null },
    ...{
      waited_ms: one.waitedMs,
      duration_ms: one.durationMs,
      commits: one.commits,
      changed_files: one.changedFiles,
    },
    ...{ egress: one.egress, peak_memory: one.peakMemory ?? null, disk: one.diskBytes ?? null },
    files: {
      ...{ log: log ?? null, patch: patch ?? null, bundle: bundle ?? null },
      ...{ untracked: untracked ?? null, stashes: stashes ?? null, egress: egress ?? null },
    },
    problems: one.problems,
    ...{ trash: one.trash ?? null, restore: one.trash === undefined ? null : restoreCommand(one.trash) },
  };
}

function countWaited({ agents }: RunResult): number {
  return agents.filter(({ waitedMs }) => waitedMs > 0).length;
}

const HEADER = ["AGENT", "TASK", "END", "EXIT", "TIME", "COMMITS", "FILES", "MEMORY", "DISK", "EGRESS"];

/** A table for people, and below it what went wrong and where everything is. */
export function runText(run: RunResult): string {
  const rows = run.agents.map((one) => [one.agent.name, one.task?.id ?? "-", ...figures(one)]);
  const passed = run.agents.filter(({ reason }) => reason === "passed").length;
  const notes = run.agents.flatMap(({ agent, problems, trash }) => [
    ...problems.map((problem) => `${agent.name}: ${showText(problem)}`),
    ...(trash === undefined ? [] : [`${agent.name}: work that is nowhere else: ${restoreCommand(trash)}`]),
  ]);
  const out = run.out === undefined ? [] : [`Proof: ${shellWord(run.out)}`];
  const waited = countWaited(run);
  const later = waited === 0 ? "" : `; ${String(waited)} had to wait for room`;
  const count = `${String(passed)} of ${String(run.agents.length)} passed in ${formatTime(run.durationMs)}${later}.`;
  return [formatTable(HEADER, rows), ...notes, ...out, count].join("\n");
}

/** What both tables say of an agent, from its end on. */
export function figures(one: AgentResult): string[] {
  const { allowed, denied, failed } = one.egress;
  return [
    one.reason.replaceAll("_", " "),
    one.exitCode === undefined ? "-" : String(one.exitCode),
    formatTime(one.durationMs),
    String(one.commits.length),
    String(one.changedFiles),
    one.peakMemory === undefined ? "-" : formatSize(one.peakMemory),
    one.diskBytes === undefined ? "-" : formatSize(one.diskBytes),
    `${String(allowed)} allowed, ${String(denied)} denied${failed === 0 ? "" : `, ${String(failed)} failed`}`,
  ];
}

function restoreCommand(trash: string): string {
  return `devkit agent restore ${trash}`;
}

/** `83500` → `1m 23s`. */
export function formatTime(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  if (hours > 0) return `${String(hours)}h ${String(minutes)}m`;
  return minutes > 0 ? `${String(minutes)}m ${String(rest)}s` : `${(durationMs / 1000).toFixed(1)}s`;
}
