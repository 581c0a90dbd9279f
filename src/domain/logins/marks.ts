import { createHash } from "node:crypto";
import type { Login, LoginTool } from "./login.js";

/**
 * A hash that two logins have in common when they are of one family. `session-…` stays when tokens are renewed,
 * `token-…` is of one refresh token.
 */
export type Mark = string;

const MARK = /^(session|token|key)-[0-9a-f]{32}$/;

/** `text` does not follow from it; tools do not share any. */
export function markOf(tool: LoginTool, kind: "session" | "token" | "key", text: string): Mark {
  const hash = createHash("sha256")
    .update(JSON.stringify(["devkit", tool, kind, text]))
    .digest("hex");
  return `${kind}-${hash.slice(0, 32)}`;
}

export function isMark(value: unknown): value is Mark {
  return typeof value === "string" && MARK.test(value);
}

export function sharesMark(one: readonly Mark[], other: readonly Mark[]): boolean {
  return one.some((mark) => other.includes(mark));
}

/**
 * The family of a login that a home was given, by what was noted then. Tokens of some programs say nothing of where they
 * come from: such a login is taken for the one that was given, renewed.
 */
export function heldMarks(login: Pick<Login, "family">, noted: readonly Mark[]): readonly Mark[] {
  const { family } = login;
  if (family.length === 0) return [];
  const isTold = family.some((mark) => mark.startsWith("session-"));
  const isOther = isTold && noted.some((mark) => mark.startsWith("session-")) && !sharesMark(family, noted);
  return isOther ? family : [...new Set([...family, ...noted])];
}
