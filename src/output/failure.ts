import type { DevkitError } from "../base/errors.js";
import type { Paint } from "./paint.js";
import { safeLines } from "./safe-lines.js";

/** The `error` of a failed command's JSON document. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly exitCode: number;
  readonly details: Readonly<Record<string, unknown>>;
}

export function toErrorDocument(error: DevkitError): ErrorDocument {
  const { code, message, hint, exitCode, details } = error;
  return { code, message, hint: hint ?? null, exitCode, details };
}

/** What failed, what to look at, what to type next; for stderr. */
export function formatFailure(error: DevkitError, paint: Paint, verbose: boolean): string {
  const lines: string[] = [];
  const excerpt = error.details["excerpt"];
  if (typeof excerpt === "string") lines.push(safeLines(excerpt));
  lines.push(`${paint("red", "error:")} ${safeLines(error.message)}`);
  for (const failed of listFailed(error)) lines.push(`  ${safeLines(failed)}`);
  if (error.hint !== undefined) lines.push(`${paint("cyan", "hint:")} ${safeLines(error.hint)}`);
  const stack =
    error.code === "E_BUG" || verbose
      ? error.cause instanceof Error
        ? error.cause.stack
        : undefined
      : undefined;
  if (stack !== undefined) lines.push(paint("dim", safeLines(stack)));
  return `${lines.join("\n")}\n`;
}

function listFailed(error: DevkitError): string[] {
  const failed = error.details["failed"];
  if (!Array.isArray(failed) || failed.length < 2) return [];
  return failed.map(
    (one: { agent?: string; message?: string }) => `${one.agent ?? ""}: ${one.message ?? ""}`,
  );
}
