import { isDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { agentPaths } from "../../domain/identity/project.js";
import { LOGIN_TOOLS } from "../../domain/logins/login.js";
import { LOGIN_KINDS, loginFile, type LoginKind } from "../../domain/logins/login-kinds.js";
import type { LoginRegistry } from "../../domain/logins/login-registry.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { SaveRegistry } from "../ports-logins.js";
import { noteGift } from "./give-login.js";
import { findLogin, type LoginNeeds } from "./holders.js";
import { findSlot, type LeasedSlot } from "./lease-slot.js";

export interface ProvideRequest {
  readonly wanted: readonly ObservedAgent[];
  readonly settingsOf: SettingsOf;
}

interface Due {
  readonly kind: LoginKind;
  readonly agent: AgentRef;
  readonly pool: string;
  readonly hasHome: boolean;
}

interface Leased extends Due {
  readonly slot: LeasedSlot;
}

/**
 * Leases a slot of the pool to every agent that has no login, in the agents' order, and puts its login into homes that are
 * there. Answers what does that for a home that is only just made. What goes wrong is a warning: agents come up all the same.
 */
export async function provideLogins(
  deps: LoginNeeds,
  request: ProvideRequest,
): Promise<(agent: AgentRef) => void> {
  const due = LOGIN_TOOLS.flatMap((tool) => findDue(deps, LOGIN_KINDS[tool], request));
  if (due.length === 0) return () => undefined;
  const leased = await warnOnFailure(deps, "no agent gets a login of a pool", [], () =>
    deps.logins.change((registry, save) => leaseAll(deps, due, registry, save)),
  );
  for (const one of leased) if (one.hasHome) writeLogin(deps, one);
  return ({ name }) => {
    for (const one of leased) if (!one.hasHome && one.agent.name === name) writeLogin(deps, one);
  };
}

function findDue(deps: LoginNeeds, kind: LoginKind, { wanted, settingsOf }: ProvideRequest): Due[] {
  return wanted.flatMap(({ agent, state }) => {
    const { pool } = settingsOf(agent)[kind.tool];
    if (pool === undefined) return [];
    const has = state.home && findLogin(deps, kind, agentPaths(deps.project, agent).home) !== undefined;
    return has ? [] : [{ kind, agent, pool, hasHome: state.home }];
  });
}

async function leaseAll(
  deps: LoginNeeds,
  all: readonly Due[],
  found: LoginRegistry,
  save: SaveRegistry,
): Promise<Leased[]> {
  let registry = found;
  const leased: Leased[] = [];
  const said = new Set<string>();
  const warn = (text: string) => {
    if (!said.has(text)) deps.progress.warn(text);
    said.add(text);
  };
  for (const due of all) {
    const { kind, agent } = due;
    const pool = await deps.logins.listPool(due.pool, kind).catch((error: unknown) => {
      if (!isDevkitError(error)) throw error;
      warn(`agents come up without a ${kind.title} login: ${error.message}`);
      return undefined;
    });
    if (pool === undefined) continue;
    const { found: slot, problems } = await findSlot(deps, kind, { registry, pool }, agent);
    for (const problem of problems) warn(`${kind.title} pool, ${problem}`);
    if (slot === undefined) {
      warn(`${agent.name} comes up without a ${kind.title} login: none of ${pool.path} is free`);
      continue;
    }
    registry = await noteGift(deps, kind, { registry, save }, { agent, login: slot.login, slot: slot.ref });
    leased.push({ ...due, slot });
  }
  return leased;
}

function writeLogin(deps: LoginNeeds, { kind, agent, slot }: Leased): void {
  const step = deps.progress.step(agent, `copying its ${kind.title} login`);
  const paths = agentPaths(deps.project, agent);
  try {
    deps.homes.write(paths, [{ path: loginFile(kind), mode: 0o600, content: slot.login.content }]);
    step.done(`has the ${kind.title} login of slot ${slot.ref.slot}`);
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    step.fail(`comes up without a ${kind.title} login: ${error.message}`);
  }
}

/** Logins keep no agent from what else is done to it. */
export async function warnOnFailure<T>(
  { progress }: Pick<LoginNeeds, "progress">,
  what: string,
  otherwise: T,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_LOGIN_REGISTRY") throw error;
    progress.warn(`${what}: ${error.message}`);
    return otherwise;
  }
}
