import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import { isNewer, type Login } from "../../domain/logins/login.js";
import { loginFile, type LoginKind } from "../../domain/logins/login-kinds.js";
import type { Holding, LoginRegistry, SlotRef } from "../../domain/logins/login-registry.js";
import { heldMarks, sharesMark } from "../../domain/logins/marks.js";
import type { SaveRegistry } from "../ports-logins.js";
import { findHolders, findLogin, findSharing, type LoginNeeds } from "./holders.js";

export interface Gift {
  readonly agent: AgentRef;
  readonly login: Login;
  readonly slot: SlotRef | undefined;
  /** Also over a login that is newer, or another one. */
  readonly force: boolean;
  /** Also one that is in use elsewhere. */
  readonly share: boolean;
}

/** What the registry is now, and whether the agent's home had to be written. */
export interface Given {
  readonly registry: LoginRegistry;
  readonly changed: boolean;
}

/**
 * Puts a login into an agent's home, and nothing else. It is written down first, so that one that is cut off is never
 * given to somebody else. Called while the registry is held.
 * @throws DevkitError E_LOGIN_KEPT, E_LOGIN_SHARED (5), E_HOME
 */
export async function giveLogin(
  deps: LoginNeeds,
  kind: LoginKind,
  { registry, save }: { readonly registry: LoginRegistry; readonly save: SaveRegistry },
  gift: Gift,
): Promise<Given> {
  const { agent, login, slot } = gift;
  const paths = agentPaths(deps.project, agent);
  const current = findLogin(deps, kind, paths.home);
  const before = findHolding(deps, kind, registry, agent);
  if (!gift.force) refuseOverwrite(kind, gift, current, before);
  if (!gift.share) await refuseSharing(deps, kind, registry, gift);
  const noted = await noteGift(deps, kind, { registry, save }, { agent, login, slot });
  const changed = current?.content !== login.content;
  if (changed) deps.homes.write(paths, [{ path: loginFile(kind), mode: 0o600, content: login.content }]);
  return { registry: noted, changed };
}

/** Writes down what an agent is about to be given, in its state directory and for all projects. */
export async function noteGift(
  deps: LoginNeeds,
  kind: LoginKind,
  { registry, save }: { readonly registry: LoginRegistry; readonly save: SaveRegistry },
  { agent, login, slot }: Pick<Gift, "agent" | "login" | "slot">,
): Promise<LoginRegistry> {
  const { project, logins } = deps;
  const paths = agentPaths(project, agent);
  const given = { tool: kind.tool, marks: login.family, slot };
  const others = (await logins.loadGiven(paths)).filter(({ tool }) => tool !== kind.tool);
  await logins.saveGiven(paths, [...others, given]);
  const holding = {
    ...given,
    project: project.id,
    agent: agent.name,
    root: project.root,
    state: paths.state,
  };
  const { holdings, spent } = withoutHolding(deps, kind, registry, agent);
  const noted = { holdings: [...holdings, holding], spent };
  await save(noted);
  return noted;
}

export function findHolding(
  { project }: Pick<LoginNeeds, "project">,
  { tool }: LoginKind,
  { holdings }: LoginRegistry,
  { name }: AgentRef,
): Holding | undefined {
  return holdings.find((one) => one.tool === tool && one.project === project.id && one.agent === name);
}

/** The registry when an agent gives back what it was given. */
export function withoutHolding(
  deps: Pick<LoginNeeds, "project" | "homes">,
  kind: LoginKind,
  registry: LoginRegistry,
  agent: AgentRef,
): LoginRegistry {
  const holding = findHolding(deps, kind, registry, agent);
  if (holding === undefined) return registry;
  const { holdings, spent } = withRenewal(deps, kind, registry, agent);
  return { holdings: holdings.filter((one) => one !== holding), spent };
}

/** The registry when what an agent has in its home now is taken into account: a slot's login that it has renewed is worth nothing there. */
export function withRenewal(
  deps: Pick<LoginNeeds, "project" | "homes">,
  kind: LoginKind,
  registry: LoginRegistry,
  agent: AgentRef,
): LoginRegistry {
  const holding = findHolding(deps, kind, registry, agent);
  if (holding?.slot === undefined) return registry;
  const login = findLogin(deps, kind, agentPaths(deps.project, agent).home);
  const isRenewed =
    login !== undefined &&
    !login.family.every((mark) => holding.marks.includes(mark)) &&
    isOfFamily(login, holding);
  if (!isRenewed) return registry;
  const spent = holding.marks.filter((mark) => mark.startsWith("token-"));
  return { holdings: registry.holdings, spent: [...new Set([...registry.spent, ...spent])] };
}

function isOfFamily(login: Login, { marks }: Holding): boolean {
  return sharesMark(heldMarks(login, marks), marks);
}

function refuseOverwrite(
  kind: LoginKind,
  { agent, login }: Gift,
  current: Login | undefined,
  before: Holding | undefined,
): void {
  if (current === undefined || current.over || current.identity === login.identity) return;
  const known = heldMarks(current, before?.marks ?? []);
  const isSame = sharesMark(known, login.family);
  if (isSame && !isNewer(current, login)) return;
  const whose = current.account === undefined ? "" : ` (${current.account})`;
  throw new DevkitError(
    "E_LOGIN_KEPT",
    isSame
      ? `${agent.name} has renewed this login since, and only what it has now is worth anything`
      : `${agent.name} has another ${kind.title} login${whose}`,
    {
      hint: `leave it as it is, or overwrite it: add --force; look: devkit ${kind.tool}-auth show ${String(agent.index)}`,
      details: { agent: agent.name, reason: isSame ? "newer" : "other" },
    },
  );
}

async function refuseSharing(
  deps: LoginNeeds,
  kind: LoginKind,
  registry: LoginRegistry,
  { agent, login }: Gift,
): Promise<void> {
  if (login.family.length === 0) return;
  const sharing = findSharing(await findHolders(deps, kind, registry), agent, login.family);
  if (sharing.length === 0) return;
  const names = sharing.map(({ name }) => name);
  throw new DevkitError(
    "E_LOGIN_SHARED",
    `${names.join(" and ")} would be logged out as soon as ${agent.name} renews this login: it is the same one`,
    {
      hint: `give each a login of its own (${kind.logIn}), or take the risk: add --share`,
      details: { agent: agent.name, holders: names },
    },
  );
}
