import type { RegisteredBlock } from "./block.js";

const VERSION = 1;

export type ParsedRegistry =
  | { readonly ok: true; readonly blocks: readonly RegisteredBlock[] }
  /** Completes "… cannot be read: …". */
  | { readonly ok: false; readonly problem: string };

/** Reads the registry of all projects' ports; what is not exactly one is a problem, never half a registry. */
export function parseRegistry(text: string): ParsedRegistry {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: "it is no JSON" };
  }
  const { version, blocks } = (value ?? {}) as { version?: unknown; blocks?: unknown };
  if (version !== VERSION) return { ok: false, problem: `it is not of version ${String(VERSION)}` };
  if (!Array.isArray(blocks)) return { ok: false, problem: "it has no blocks" };
  const bad = blocks.findIndex((block) => !isBlock(block));
  if (bad !== -1) return { ok: false, problem: `block ${String(bad + 1)} of it is none` };
  const seen = (blocks as RegisteredBlock[]).map(pick);
  return { ok: true, blocks: seen };
}

export function formatRegistry(blocks: readonly RegisteredBlock[]): string {
  const sorted = blocks.map(pick).sort((a, b) => a.first - b.first);
  return `${JSON.stringify({ version: VERSION, blocks: sorted }, undefined, 2)}\n`;
}

function pick({ first, size, project, agent, root }: RegisteredBlock): RegisteredBlock {
  return { first, size, project, agent, root };
}

function isBlock(value: unknown): value is RegisteredBlock {
  if (value === null || typeof value !== "object") return false;
  const block = value as Record<keyof RegisteredBlock, unknown>;
  const isNumber = (one: unknown) => typeof one === "number" && Number.isInteger(one) && one > 0;
  const isText = (one: unknown) => typeof one === "string" && one !== "";
  return [block.first, block.size].every(isNumber) && [block.project, block.agent, block.root].every(isText);
}
