const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** Leaves room in a host name, which has 63 characters, and in names made from it. */
const MAX_LENGTH = 32;
/** What the commands of tasks call the user. */
const OTHERS = ["main"];
/** Last parts of names that devkit gives to containers and networks beside an agent's. */
const TAKEN_ENDS = ["egress", "out", "ports", "inside", "broker"];

/** Why no agent can have this name; undefined: it can. */
export function findNameProblem(name: string): string | undefined {
  if (name.length > MAX_LENGTH) return `is longer than ${String(MAX_LENGTH)} characters`;
  if (!NAME.test(name))
    return "is not made of words of a to z and 0 to 9, the first of which begins with a letter, with - between them";
  if (OTHERS.includes(name)) return "is what the user is called";
  if (/^agent-\d+$/.test(name) && !/^agent-[1-9]\d{0,3}$/.test(name))
    return "is not agent-1 to agent-9999 in its usual form";
  const end = name.split("-").at(-1) ?? "";
  return TAKEN_ENDS.includes(end)
    ? `ends like the names that devkit gives to what is beside agents`
    : undefined;
}

/** Whether an agent can be called so, whether there is one or not. */
export function isAgentName(name: string): boolean {
  return findNameProblem(name) === undefined;
}
