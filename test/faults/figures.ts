import type { PlannedFault } from "./plan.js";
import type { Outcome } from "./try-fault.js";

export interface Tried {
  readonly fault: PlannedFault;
  readonly outcome: Outcome;
}

/** Nothing lost, nothing left, and the next command did what it is for. */
export function isSurvived({ stuck, lost, left }: Outcome): boolean {
  return stuck.length + lost.length + left.length === 0;
}

/** A table of two halves: for each kind of fault, and for each command. */
export function formatFigures(all: readonly Tried[]): string {
  const head = ["", "tried", "survived", "stuck", "lost", "leftovers"];
  const rows = [...rowsBy(all, ({ kind }) => kind), ...rowsBy(all, ({ command }) => command)];
  const lines = [head, ...rows, rowOf("all", all)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}

function rowsBy(all: readonly Tried[], keyOf: (fault: PlannedFault) => string): string[][] {
  const keys = [...new Set(all.map(({ fault }) => keyOf(fault)))].sort();
  return keys.map((key) =>
    rowOf(
      key,
      all.filter(({ fault }) => keyOf(fault) === key),
    ),
  );
}

function rowOf(name: string, tried: readonly Tried[]): string[] {
  const sum = (of: (outcome: Outcome) => number) =>
    String(tried.reduce((total, { outcome }) => total + of(outcome), 0));
  return [
    name,
    String(tried.length),
    sum((outcome) => (isSurvived(outcome) ? 1 : 0)),
    sum(({ stuck }) => (stuck.length > 0 ? 1 : 0)),
    sum(({ lost }) => lost.length),
    sum(({ left }) => left.length),
  ];
}
