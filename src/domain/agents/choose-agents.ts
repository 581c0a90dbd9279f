import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { agentAt, MAX_AGENT_INDEX, parseAgentName, type AgentRef } from "./agent.js";
import { findNameProblem } from "./agent-name.js";

export interface AskedAgents {
  /** Undefined: as their indexes say. */
  readonly name: string | undefined;
  readonly count: number;
  /** In the place of `name`: what each of them is called. */
  readonly names?: readonly string[] | undefined;
}

/**
 * Which agents to make: after the highest index there is; of several with a name, each gets a number behind it. `taken`:
 * all of which there is anything.
 * @throws DevkitError E_USAGE for what can be no name, E_AGENT_EXISTS for one that is taken
 */
export function chooseAgents(asked: AskedAgents, taken: readonly AgentRef[]): AgentRef[] {
  const { name, count } = asked;
  const names = asked.names ?? (name === undefined ? undefined : namesOf(name, count));
  const free = freeIndexes(taken, names ?? []);
  if (names === undefined) return Array.from({ length: count }, () => agentAt(requireIndex(free)));
  return names.map((one) => {
    const problem = findNameProblem(one);
    if (problem !== undefined)
      throw new DevkitError(
        "E_USAGE",
        `no agent can be called ${quoteText(one.slice(0, 80))}: it ${problem}`,
        {
          hint: "for example: devkit agent spawn --name docs",
        },
      );
    const own = parseAgentName(one);
    const holder = taken.find((other) => other.name === one || other.index === own?.index);
    if (holder !== undefined) throw takenError(one, holder);
    return own ?? { index: requireIndex(free), name: one };
  });
}

function namesOf(name: string, count: number): string[] {
  if (count === 1) return [name];
  return Array.from({ length: count }, (_, position) => `${name}-${String(position + 1)}`);
}

/** From the one after the highest on; those that the asked names stand for are passed over. */
function* freeIndexes(taken: readonly AgentRef[], names: readonly string[]): Generator<number> {
  const asked = new Set(names.map((name) => parseAgentName(name)?.index));
  for (let index = Math.max(0, ...taken.map((one) => one.index)) + 1; index <= MAX_AGENT_INDEX; index += 1)
    if (!asked.has(index)) yield index;
}

function requireIndex(free: Generator<number>): number {
  const next = free.next();
  if (next.done !== true) return next.value;
  throw new DevkitError(
    "E_USAGE",
    `there is an agent ${String(MAX_AGENT_INDEX)}, which is the last there can be`,
    {
      hint: "remove some: devkit agent kill <agent>",
    },
  );
}

function takenError(name: string, holder: AgentRef): DevkitError {
  const what =
    holder.name === name
      ? `there is an agent ${name} already, or a branch below agent/${name}/`
      : `index ${String(holder.index)} is ${holder.name}'s`;
  return new DevkitError("E_AGENT_EXISTS", what, {
    hint: "choose another name, or see what there is: devkit agent list; git branch --list 'agent/*'",
    details: { agent: name, id: null },
  });
}
