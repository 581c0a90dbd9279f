const LONGEST = 40;

/** Text from a file, safe for a terminal: control and direction-changing characters become `·`, one for one. */
export function showText(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "·");
}

/** What a value is, for "must be …, not …". */
export function showValue(value: unknown): string {
  if (typeof value === "string") return showText(JSON.stringify(clip(value)));
  if (typeof value === "number" || typeof value === "bigint") return `the number ${String(value)}`;
  if (typeof value === "boolean") return String(value);
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return "a list";
  return "a table";
}

function clip(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
