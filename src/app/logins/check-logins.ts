import { loginState, LOGIN_TOOLS } from "../../domain/logins/login.js";
import { LOGIN_KINDS, loginFile, type LoginKind } from "../../domain/logins/login-kinds.js";
import { findHolders, findSharing, type Holder, type LoginNeeds } from "./holders.js";

export interface LoginFinding {
  readonly verdict: "ok" | "warning";
  readonly found: string;
  readonly fix: string | undefined;
}

interface Trouble {
  readonly found: string;
  readonly fix: string;
}

/** Looks for logins that end one another, that are over, and that others than the agent can read. */
export async function checkLogins(deps: LoginNeeds, now: Date): Promise<LoginFinding> {
  const registry = await deps.logins.load();
  const troubles: Trouble[] = [];
  let count = 0;
  for (const tool of LOGIN_TOOLS) {
    const kind = LOGIN_KINDS[tool];
    const holders = (await findHolders(deps, kind, registry)).filter(({ login }) => login !== undefined);
    count += holders.filter(({ agent }) => agent !== undefined).length;
    troubles.push(...findShared(kind, holders), ...holders.flatMap((one) => judge(deps, kind, one, now)));
  }
  const [first] = troubles;
  if (first === undefined)
    return { verdict: "ok", found: `${String(count)} in agents' homes`, fix: undefined };
  return { verdict: "warning", found: troubles.map(({ found }) => found).join("; "), fix: first.fix };
}

/** Each family that is in several places once. */
function findShared(kind: LoginKind, holders: readonly Holder[]): Trouble[] {
  const told = new Set<Holder>();
  return holders.flatMap((one) => {
    const all = [one, ...findSharing(holders, undefined, one.marks).filter((other) => other !== one)];
    if (all.length < 2 || told.has(one)) return [];
    for (const other of all) told.add(other);
    const mine = all.findLast(({ agent }) => agent !== undefined)?.agent;
    return {
      found: `${all.map(({ name }) => name).join(" and ")} have one ${kind.title} login, which renewing it ends in all places but one`,
      fix:
        mine === undefined
          ? `devkit ${kind.tool}-auth clear, in one of those repositories`
          : `devkit ${kind.tool}-auth clear ${String(mine.index)}`,
    };
  });
}

function judge(deps: LoginNeeds, kind: LoginKind, { agent, home, login }: Holder, now: Date): Trouble[] {
  if (agent === undefined || home === undefined || login === undefined) return [];
  const index = String(agent.index);
  const file = loginFile(kind);
  const mode = deps.logins.modeIn(home, file) ?? 0;
  const isOver = loginState(login, now) === "over";
  return [
    ...(isOver
      ? [
          {
            found: `the ${kind.title} login of ${agent.name} is over`,
            fix: `devkit ${kind.tool}-auth reseed ${index} --force`,
          },
        ]
      : []),
    ...((mode & 0o077) === 0
      ? []
      : [
          {
            found: `~/${file} of ${agent.name} has mode ${mode.toString(8)}`,
            fix: `devkit exec ${index} -- sh -c 'chmod 600 ~/${file}'`,
          },
        ]),
  ];
}
