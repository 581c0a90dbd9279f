import { formatSize } from "../../base/sizes.js";
import { showText } from "../../base/show-text.js";
import { formatTable } from "./table.js";

interface Size {
  readonly bytes: number;
  readonly isComplete: boolean;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

interface ItemView {
  readonly kind: string;
  readonly what: string;
  readonly size: Size | undefined;
  readonly reason: string;
  readonly removed: boolean;
  readonly error: Failure | undefined;
}

interface ProblemView {
  readonly kind: string;
  readonly error: Failure;
}

/** Something that can go, as JSON. */
export function reclaimableData({ kind, what, size, reason, removed, error }: ItemView) {
  return {
    ...{ kind, what, bytes: size?.bytes ?? null, complete: size?.isComplete ?? false, reason, removed },
    error: error === undefined ? null : failureData(error),
  };
}

export function problemData({ kind, error }: ProblemView) {
  return { kind, ...failureData(error) };
}

function failureData({ code, message, hint }: Failure) {
  return { code, message, hint: hint ?? null };
}

/** For people: what can go or has gone, how much that is, and what to type next. */
export function reclaimText(
  items: readonly ItemView[],
  problems: readonly ProblemView[],
  { applied, total }: { readonly applied: boolean; readonly total: Size },
): string {
  const notes = problems.map(({ kind, error }) => `${kind}: ${showText(error.message)}`);
  if (items.length === 0) return [...notes, "Nothing can go."].join("\n");
  const rows = items.map((one) => [
    one.kind,
    showText(one.what),
    sizeText(one.size),
    `${applied ? (one.removed ? "removed: " : "stays: ") : ""}${showText(one.error?.message ?? one.reason)}`,
  ]);
  const sum = sizeText(total);
  const end = applied ? `Freed up to ${sum}.` : `Up to ${sum} can go: add --apply`;
  return [formatTable(["KIND", "WHAT", "SIZE", "WHY"], rows), ...notes, end].join("\n");
}

function sizeText(size: Size | undefined): string {
  if (size === undefined) return "-";
  return `${size.isComplete ? "" : "≥ "}${formatSize(size.bytes)}`;
}
