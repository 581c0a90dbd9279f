import path from "node:path";
import { parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { Login } from "../../domain/logins/login.js";
import { LOGIN_LIMIT } from "../../domain/logins/login-json.js";
import { loginFile, type LoginKind } from "../../domain/logins/login-kinds.js";
import type { Holding, LoginRegistry } from "../../domain/logins/login-registry.js";
import { heldMarks, sharesMark, type Mark } from "../../domain/logins/marks.js";
import type { ProjectDeps } from "../ports.js";

export type LoginNeeds = Pick<ProjectDeps, "project" | "state" | "homes" | "logins" | "progress">;

/** A place in which a program's login is. */
export interface Holder {
  /** For people: `agent-2`, `agent-1 of /src/other`. */
  readonly name: string;
  /** An agent of this project. */
  readonly agent: AgentRef | undefined;
  readonly home: string | undefined;
  /** Undefined: none, but a slot is kept for it. */
  readonly login: Login | undefined;
  /** Its family; none when it has none. */
  readonly marks: readonly Mark[];
}

/** The login of a home; undefined for anything that the program would not take for one either. */
export function findLogin(
  { homes }: Pick<LoginNeeds, "homes">,
  kind: LoginKind,
  home: string,
): Login | undefined {
  const text = homes.read({ home }, loginFile(kind), LOGIN_LIMIT);
  const parsed = text === undefined ? undefined : kind.parse(text);
  return parsed?.ok === true ? parsed.login : undefined;
}

/** Everything on this machine that is known to have a login of the program: agents of all projects, and the user. */
export async function findHolders(
  deps: LoginNeeds,
  kind: LoginKind,
  { holdings }: LoginRegistry,
): Promise<Holder[]> {
  const { project, state } = deps;
  const given = holdings.filter(({ tool }) => tool === kind.tool);
  const mine = given.filter((one) => one.project === project.id);
  // Also those that nobody was told of: an agent can have logged in by itself.
  const others = (await state.known(project)).filter(({ name }) => mine.every(({ agent }) => agent !== name));
  const own = kind.parse(deps.logins.loadOwn(kind).text ?? "");
  return [
    ...given.flatMap((holding) => holderOf(deps, kind, holding) ?? []),
    ...others.flatMap((agent) => {
      const { home } = agentPaths(project, agent);
      const login = findLogin(deps, kind, home);
      return login === undefined ? [] : [{ name: agent.name, agent, home, login, marks: login.family }];
    }),
    ...(own.ok ? [ownHolder(deps, kind, own.login)] : []),
  ];
}

function holderOf(deps: LoginNeeds, kind: LoginKind, holding: Holding): Holder | undefined {
  const home = path.join(holding.state, "home");
  const login = findLogin(deps, kind, home);
  // A slot is kept for an agent that logged out, or is only just being made.
  if (login === undefined && holding.slot === undefined) return undefined;
  const isMine = holding.project === deps.project.id;
  return {
    name: isMine ? holding.agent : `${holding.agent} of ${holding.root}`,
    agent: isMine ? parseAgentName(holding.agent, deps.project.roster) : undefined,
    home,
    login,
    marks: login === undefined ? holding.marks : heldMarks(login, holding.marks),
  };
}

function ownHolder({ logins }: LoginNeeds, kind: LoginKind, login: Login): Holder {
  const name = `you (${logins.loadOwn(kind).file})`;
  return { name, agent: undefined, home: undefined, login, marks: login.family };
}

/** Those besides the agent itself that would be logged out when one of this family is renewed, or the other way round. */
export function findSharing(
  holders: readonly Holder[],
  self: AgentRef | undefined,
  marks: readonly Mark[],
): Holder[] {
  return holders.filter((one) => !isSelf(one, self) && sharesMark(one.marks, marks));
}

function isSelf({ agent }: Holder, self: AgentRef | undefined): boolean {
  return agent !== undefined && agent.name === self?.name;
}
