import type { AgentRef } from "../../domain/agents/agent.js";
import type { Login } from "../../domain/logins/login.js";
import type { LoginKind } from "../../domain/logins/login-kinds.js";
import type { LoginRegistry, SlotRef } from "../../domain/logins/login-registry.js";
import { sharesMark } from "../../domain/logins/marks.js";
import type { LoginPool, PoolSlot } from "../ports-logins.js";
import { findHolding } from "./give-login.js";
import { findHolders, findSharing, type Holder, type LoginNeeds } from "./holders.js";

export interface LeasedSlot {
  readonly ref: SlotRef;
  readonly login: Login;
}

export interface SlotSearch {
  /** Undefined: none is left. */
  readonly found: LeasedSlot | undefined;
  /** Slots that cannot be used, and why: `slot b: …`. */
  readonly problems: readonly string[];
}

/** The slot that an agent has, else the first that nobody has. Nothing is written down yet. */
export async function findSlot(
  deps: LoginNeeds,
  kind: LoginKind,
  { registry, pool }: { readonly registry: LoginRegistry; readonly pool: LoginPool },
  agent: AgentRef,
): Promise<SlotSearch> {
  const holders = await findHolders(deps, kind, registry);
  const mine = findHolding(deps, kind, registry, agent)?.slot;
  const isMine = ({ name }: PoolSlot) => mine?.pool === pool.path && mine.slot === name;
  const isTaken = (slot: PoolSlot) =>
    !isMine(slot) &&
    registry.holdings.some(
      (one) => one.tool === kind.tool && one.slot?.pool === pool.path && one.slot.slot === slot.name,
    );
  const problems: string[] = [];
  const free = pool.slots.filter((slot) => !isTaken(slot));
  for (const slot of [...free.filter(isMine), ...free.filter((one) => !isMine(one))]) {
    const judged = judge(kind, slot, { registry, holders, agent });
    if (typeof judged !== "string")
      return { found: { ref: { pool: pool.path, slot: slot.name }, login: judged }, problems };
    problems.push(`slot ${slot.name}: ${judged}`);
  }
  return { found: undefined, problems };
}

interface Circumstances {
  readonly registry: LoginRegistry;
  readonly holders: readonly Holder[];
  readonly agent: AgentRef;
}

/** The slot's login, or why it is none. */
function judge(
  kind: LoginKind,
  { name, text }: PoolSlot,
  { registry, holders, agent }: Circumstances,
): Login | string {
  if (text === undefined) return `there is no plain file ${kind.file} of a login's size in it`;
  const parsed = kind.parse(text);
  if (!parsed.ok) return `its ${kind.file} ${parsed.problem}`;
  const { login } = parsed;
  if (login.over) return `its login is over; log in anew: ${kind.variable}=…/${name} ${kind.logIn}`;
  if (sharesMark(registry.spent, login.family))
    return `an agent that had it renewed the login, so what is there is worth nothing any more; log in anew: ${kind.variable}=…/${name} ${kind.logIn}`;
  const [other] = findSharing(holders, agent, login.family);
  return other === undefined ? login : `its login is that of ${other.name}`;
}
