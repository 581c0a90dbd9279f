/** Bytes: a login with its tokens has 5 KiB. */
export const LOGIN_LIMIT = 64 * 1024;
/** Of a token; in characters. */
const TOKEN_LIMIT = 16 * 1024;
const SHOWN_LIMIT = 200;

/** Text of others as an object; undefined for anything else. */
export type Fields = Readonly<Record<string, unknown>>;

export function parseFields(text: string): Fields | undefined {
  if (text.length > LOGIN_LIMIT) return undefined;
  try {
    return toFields(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** One field that is an object itself. */
export function fieldsAt(fields: Fields | undefined, name: string): Fields | undefined {
  return toFields(valueAt(fields, name));
}

/** Something secret: one word of ASCII, as a header can carry it. */
export function tokenAt(fields: Fields | undefined, name: string): string | undefined {
  const value = valueAt(fields, name);
  return typeof value === "string" && value.length <= TOKEN_LIMIT && /^[\x21-\x7e]+$/.test(value)
    ? value
    : undefined;
}

/** Something for people or programs: bounded, and without what a terminal would act on. */
export function textAt(fields: Fields | undefined, name: string): string | undefined {
  const value = valueAt(fields, name);
  if (typeof value !== "string") return undefined;
  const shown = value
    .slice(0, SHOWN_LIMIT)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "")
    .trim();
  return shown === "" ? undefined : shown;
}

/** A time in units of so many ms; ms, or undefined when no date can have it. */
export function timeAt(fields: Fields | undefined, name: string, unitMs: number): number | undefined {
  const value = valueAt(fields, name);
  if (typeof value !== "number") return undefined;
  const time = Math.round(value * unitMs);
  return time > 0 && time <= 8.64e15 ? time : undefined;
}

/** What a token says; its signature is not looked at, for nothing is decided by it that an agent could not also have. */
export function claimsOf(token: string | undefined): Fields | undefined {
  const [, payload, signature, ...more] = token?.split(".") ?? [];
  if (payload === undefined || signature === undefined || more.length > 0) return undefined;
  return parseFields(Buffer.from(payload, "base64url").toString("utf8"));
}

/** Only what is the object's own, whatever names somebody writes. */
function valueAt(fields: Fields | undefined, name: string): unknown {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function toFields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
