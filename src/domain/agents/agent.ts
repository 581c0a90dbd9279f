/** An agent's place: index (1, 2, …) and name. Every derived name comes from these two. */
export interface AgentRef {
  readonly index: number;
  readonly name: string;
}

/** The agents that were given a name: name → index. All others are called `agent-<index>`. Without one, nobody was. */
export type Roster = ReadonlyMap<string, number>;

const NOBODY: Roster = new Map();

/** The highest index devkit accepts; four digits keep every derived name short. */
export const MAX_AGENT_INDEX = 9999;

const NUMBERED = /^agent-([1-9]\d{0,3})$/;

/** The agent that has this index, or would have it. */
export function agentAt(index: number, roster: Roster = NOBODY): AgentRef {
  const [name] = [...roster].find(([, own]) => own === index) ?? [];
  return { index, name: name ?? `agent-${String(index)}` };
}

/** Reads the name of an agent; undefined for any other directory or label. */
export function parseAgentName(name: string, roster: Roster = NOBODY): AgentRef | undefined {
  const given = roster.get(name);
  if (given !== undefined) return { index: given, name };
  const index = NUMBERED.exec(name)?.[1];
  return index === undefined ? undefined : { index: Number(index), name };
}

/** Reads what users type for `<agent>`: an index (`2`) or a name (`agent-2`). */
export function parseAgentSelector(text: string, roster: Roster = NOBODY): AgentRef | undefined {
  if (/^[1-9]\d{0,3}$/.test(text)) return agentAt(Number(text), roster);
  const agent = parseAgentName(text, roster);
  // An index that has a name is nobody else's.
  return agent !== undefined && agentAt(agent.index, roster).name === text ? agent : undefined;
}

/** Whether this is what the user typed for it: its index or its name. */
export function isCalled({ index, name }: AgentRef, selector: string): boolean {
  return selector === name || selector === String(index);
}

export function byIndex(a: AgentRef, b: AgentRef): number {
  return a.index - b.index;
}
