import { DevkitError, toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Login } from "../../domain/logins/login.js";
import type { LoginKind } from "../../domain/logins/login-kinds.js";
import type { LoginRegistry, SlotRef } from "../../domain/logins/login-registry.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { AgentOutcome } from "../agents/execute.js";
import type { LoginPool } from "../ports-logins.js";
import { giveLogin, type Given } from "./give-login.js";
import type { LoginNeeds } from "./holders.js";
import { findSlot } from "./lease-slot.js";
import { selectHomes } from "./select-homes.js";

export interface ReseedRequest {
  readonly selectors: readonly string[];
  readonly settingsOf: SettingsOf;
  readonly force: boolean;
  readonly share: boolean;
}

export interface ReseededLogin {
  readonly agent: AgentRef;
  readonly changed: boolean;
  readonly login: Login;
  /** Undefined: it is the user's own. */
  readonly slot: SlotRef | undefined;
}

export interface ReseedResult {
  readonly seeded: readonly ReseededLogin[];
  readonly outcomes: readonly Pick<AgentOutcome, "agent" | "error">[];
}

/** Gives agents a login: that of their slot in the pool or, where there is no pool, the user's own. */
export async function reseedLogins(
  deps: LoginNeeds,
  kind: LoginKind,
  request: ReseedRequest,
): Promise<ReseedResult> {
  const agents = await selectHomes(deps, request.selectors);
  return deps.logins.change(async (found, save) => {
    let registry = found;
    const seeded: ReseededLogin[] = [];
    const outcomes: ReseedResult["outcomes"][number][] = [];
    for (const agent of agents) {
      try {
        const source = await findSource(deps, kind, { registry, agent, request });
        const given: Given = await giveLogin(
          deps,
          kind,
          { registry, save },
          { agent, ...source, force: request.force, share: request.share },
        );
        registry = given.registry;
        seeded.push({ agent, changed: given.changed, ...source });
        outcomes.push({ agent, error: undefined });
      } catch (error) {
        outcomes.push({ agent, error: toDevkitError(error) });
      }
    }
    return { seeded, outcomes };
  });
}

interface Source {
  readonly login: Login;
  readonly slot: SlotRef | undefined;
}

interface Wish {
  readonly registry: LoginRegistry;
  readonly agent: AgentRef;
  readonly request: ReseedRequest;
}

async function findSource(
  deps: LoginNeeds,
  kind: LoginKind,
  { registry, agent, request }: Wish,
): Promise<Source> {
  const { pool } = request.settingsOf(agent)[kind.tool];
  if (pool === undefined) return { login: requireOwn(deps, kind), slot: undefined };
  const listed = await deps.logins.listPool(pool, kind);
  const { found, problems } = await findSlot(deps, kind, { registry, pool: listed }, agent);
  for (const problem of problems) deps.progress.warn(`${kind.title} pool, ${problem}`);
  if (found === undefined) throw exhausted(kind, listed, agent);
  return { login: found.login, slot: found.ref };
}

function requireOwn({ logins }: LoginNeeds, kind: LoginKind): Login {
  const { file, text } = logins.loadOwn(kind);
  const parsed = text === undefined ? undefined : kind.parse(text);
  if (parsed?.ok === true && !parsed.login.over) return parsed.login;
  throw new DevkitError(
    "E_LOGIN_MISSING",
    `no ${kind.title} login that can be used is in ${file}, and there is no pool`,
    {
      hint: `log in: ${kind.logIn}; or name a pool in devkit.toml: [${kind.tool}] pool = "~/${kind.tool}-logins"`,
      details: { file },
    },
  );
}

function exhausted(kind: LoginKind, { path, slots }: LoginPool, { name }: AgentRef): DevkitError {
  const taken = new Set(slots.map((slot) => slot.name));
  let next = slots.length + 1;
  while (taken.has(String(next))) next += 1;
  const slot = `${path}/${String(next)}`;
  return new DevkitError("E_LOGIN_POOL", `no ${kind.title} login of ${path} is free for ${name}`, {
    hint: `see who has them: devkit ${kind.tool}-auth show; add one: mkdir -p ${slot} && ${kind.variable}=${slot} ${kind.logIn}`,
    details: { pool: path, slots: slots.length, agent: name },
  });
}
