import { quoteText } from "../base/show-text.js";

const LONGEST = 40;

/** What a value is, for "must be …, not …". */
export function showValue(value: unknown): string {
  if (typeof value === "string") return quoteText(clip(value));
  if (typeof value === "number" || typeof value === "bigint") return `the number ${String(value)}`;
  if (typeof value === "boolean") return String(value);
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return "a list";
  return "a table";
}

function clip(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
