/** An agent's place: index (1, 2, …) and name. Every derived name comes from these two. */
export interface AgentRef {
  readonly index: number;
  readonly name: string;
}

/** The highest index devkit accepts; four digits keep every derived name short. */
export const MAX_AGENT_INDEX = 9999;

const NAME = /^agent-([1-9]\d{0,3})$/;

export function agentAt(index: number): AgentRef {
  return { index, name: `agent-${String(index)}` };
}

/** Reads `agent-3`; undefined for any other directory or label. */
export function parseAgentName(name: string): AgentRef | undefined {
  const match = NAME.exec(name);
  return match === null ? undefined : agentAt(Number(match[1]));
}

/** Reads what users type for `<agent>`: an index (`2`) or a name (`agent-2`). */
export function parseAgentSelector(text: string): AgentRef | undefined {
  return parseAgentName(/^\d+$/.test(text) ? `agent-${text}` : text);
}

export function byIndex(a: AgentRef, b: AgentRef): number {
  return a.index - b.index;
}
