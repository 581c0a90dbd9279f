import { withoutControls } from "../../base/controls.js";
import { isTaskId } from "../tasks/task-id.js";

/** Somebody says that what a check asks for is so; it goes into the next commit. */
export interface StagedVerification {
  readonly checkId: string;
  readonly message: string;
  /** An agent's name, or `main`. */
  readonly verifiedBy: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** Names of the files in `<worktree>/.devkit` that are one agent's, or the user's. */
export const LOCAL_FILES = {
  head: "HEAD",
  staged: "staged-verifications.json",
  topic: "current-topic",
} as const;

export type LocalFile = keyof typeof LOCAL_FILES;

/** How much of each is read, in bytes: agents can write them. */
export const LOCAL_LIMITS: Readonly<Record<LocalFile, number>> = { head: 64, staged: 256 * 1024, topic: 128 };

const MOST_STAGED = 200;
const MESSAGE = 2000;
const CHECK_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const TOPIC_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const WHO = /^[A-Za-z0-9][\w.-]{0,99}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

export function isCheckId(text: string): boolean {
  return CHECK_ID.test(text);
}

export function isTopicId(text: string): boolean {
  return TOPIC_ID.test(text);
}

/** The id of the task in a HEAD, which anybody may have written; undefined for anything else. */
export function parseLocalHead(text: string): string | undefined {
  const id = text.trim();
  return isTaskId(id) ? id : undefined;
}

export function formatLocalHead(id: string): string {
  return `${id}\n`;
}

export function parseLocalTopic(text: string): string | undefined {
  const id = text.trim();
  return isTopicId(id) ? id : undefined;
}

export function formatLocalTopic(id: string): string {
  return `${id}\n`;
}

/** What is staged; what is no verification is passed over. Never throws. */
export function parseStaged(text: string): readonly StagedVerification[] {
  const entries = parseList(text).slice(0, MOST_STAGED);
  return entries.map(toVerification).filter((one) => one !== undefined);
}

export function formatStaged(staged: readonly StagedVerification[]): string {
  const entries = staged.slice(-MOST_STAGED).map(({ checkId, message, verifiedBy, createdAt }) => ({
    ...{ check_id: checkId, message, verified_by: verifiedBy, created_at: createdAt },
  }));
  return `${JSON.stringify(entries, null, 2)}\n`;
}

/** One line of what somebody says, short enough to stand in a commit's message. */
export function cleanMessage(text: string): string {
  return withoutControls(text.replaceAll(/\s+/g, " ").trim()).slice(0, MESSAGE);
}

function parseList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function toVerification(value: unknown): StagedVerification | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { check_id, message, verified_by, created_at } = value as Readonly<Record<string, unknown>>;
  const [checkId, verifiedBy, createdAt] = [
    textLike(check_id, CHECK_ID),
    textLike(verified_by, WHO),
    textLike(created_at, TIME),
  ];
  const said = typeof message === "string" ? cleanMessage(message) : "";
  if (checkId === undefined || verifiedBy === undefined || createdAt === undefined || said === "")
    return undefined;
  return { checkId, message: said, verifiedBy, createdAt };
}

function textLike(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}
