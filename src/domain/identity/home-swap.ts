import { parseAgentName, type AgentRef } from "../agents/agent.js";
import { parseTrashId } from "../custody/trash.js";

/**
 * An agent's home that is being replaced. It is written down in the agent's state directory before anything is moved;
 * from then on it will be done, by this command or, when that is killed, by the next.
 */
export interface HomeSwap {
  /** What the home that goes is called in the trash. */
  readonly id: string;
  readonly agent: AgentRef;
  /** The home that comes: made for this, by its name in the state directory, or one of the trash, by its id. */
  readonly next: { readonly made: string } | { readonly trash: string };
}

/** A home in the trash that was replaced, of an agent that went on. */
export interface KeptHome {
  readonly id: string;
  readonly agent: AgentRef;
}

/** Only devkit writes there; all the same nothing outside of its places is ever named. */
export function parseHomeSwap(text: string, agent: AgentRef): HomeSwap | undefined {
  const found = parseObject(text);
  const { id, next } = found ?? {};
  if (typeof id !== "string" || parseTrashId(id)?.agent.name !== agent.name) return undefined;
  if (typeof next !== "object" || next === null) return undefined;
  const { made, trash } = next as Readonly<Record<string, unknown>>;
  if (typeof made === "string" && /^\.home-\w+$/.test(made)) return { id, agent, next: { made } };
  if (typeof trash === "string" && parseTrashId(trash)?.agent.name === agent.name)
    return { id, agent, next: { trash } };
  return undefined;
}

export function parseKeptHome(text: string, id: string): KeptHome | undefined {
  const found = parseObject(text);
  const { agent: name, index } = found ?? {};
  if (typeof name !== "string" || parseTrashId(id)?.agent.name !== name) return undefined;
  // Of agents that are called by their index it is not always written down.
  const agent =
    parseAgentName(name) ?? (Number.isSafeInteger(index) ? { name, index: index as number } : undefined);
  return agent && { id, agent };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
