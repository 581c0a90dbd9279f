import { parseDuration } from "../../../base/durations.js";

/** A length of time as it was typed. @throws TypeError */
export function requireTime(raw: string): string {
  if (parseDuration(raw) === undefined) throw new TypeError(`"${raw}" is no time such as 90s, 30m or 2h.`);
  return raw;
}
