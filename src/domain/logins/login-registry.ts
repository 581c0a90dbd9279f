import { LOGIN_TOOLS, type LoginTool } from "./login.js";
import { isMark, type Mark } from "./marks.js";

const VERSION = 1;

/** A login of a pool. */
export interface SlotRef {
  /** The pool's directory: real, absolute. */
  readonly pool: string;
  readonly slot: string;
}

/** What an agent was given; the same is in its state directory, and moves to the trash and back with it. */
export interface GivenLogin {
  readonly tool: LoginTool;
  /** Its family when it was given. */
  readonly marks: readonly Mark[];
  /** The slot that is leased to the agent for it. */
  readonly slot: SlotRef | undefined;
}

export interface Holding extends GivenLogin {
  readonly project: string;
  readonly agent: string;
  /** The repository, for people. */
  readonly root: string;
  /** The agent's state directory. */
  readonly state: string;
}

/** What the agents of all of a user's projects were given. */
export interface LoginRegistry {
  readonly holdings: readonly Holding[];
  /** Refresh tokens of slots that agents have renewed: no longer worth anything. */
  readonly spent: readonly Mark[];
}

export type ParsedLoginRegistry =
  | { readonly ok: true; readonly registry: LoginRegistry }
  /** Completes "… cannot be read: …". */
  | { readonly ok: false; readonly problem: string };

/** What is not exactly a registry is a problem, never half of one. */
export function parseLoginRegistry(text: string): ParsedLoginRegistry {
  const value = parseJson(text) as { version?: unknown; holdings?: unknown; spent?: unknown } | undefined;
  if (value === undefined) return { ok: false, problem: "it is no JSON object" };
  const { version, holdings, spent } = value;
  if (version !== VERSION) return { ok: false, problem: `it is not of version ${String(VERSION)}` };
  if (!Array.isArray(holdings) || !holdings.every(isHolding))
    return { ok: false, problem: "its holdings are none" };
  if (!Array.isArray(spent) || !spent.every(isMark))
    return { ok: false, problem: "its list of spent logins is none" };
  return { ok: true, registry: { holdings, spent } };
}

export function formatLoginRegistry({ holdings, spent }: LoginRegistry): string {
  return `${JSON.stringify({ version: VERSION, holdings, spent }, undefined, 2)}\n`;
}

/** Those of one agent; what cannot be read says that it was given none. */
export function parseGiven(text: string): GivenLogin[] {
  const value = parseJson(text);
  return Array.isArray(value) ? value.filter(isGiven) : [];
}

export function formatGiven(given: readonly GivenLogin[]): string {
  return `${JSON.stringify(given.map(({ tool, marks, slot }) => ({ tool, marks, slot })))}\n`;
}

function parseJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown) => typeof value === "string" && value !== "";

function isGiven(value: unknown): value is GivenLogin {
  if (typeof value !== "object" || value === null) return false;
  const { tool, marks, slot } = value as Partial<Record<keyof GivenLogin, unknown>>;
  return (
    LOGIN_TOOLS.some((one) => one === tool) && Array.isArray(marks) && marks.every(isMark) && isSlot(slot)
  );
}

function isSlot(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const { pool, slot } = value as Partial<Record<keyof SlotRef, unknown>>;
  return isText(pool) && isText(slot);
}

function isHolding(value: unknown): value is Holding {
  if (!isGiven(value)) return false;
  const { project, agent, root, state } = value as Partial<Record<keyof Holding, unknown>>;
  return [project, agent, root, state].every(isText);
}
