import type { AgentRef } from "../../domain/agents/agent.js";
import type { Login, LoginState } from "../../domain/logins/login.js";
import type { SlotRef } from "../../domain/logins/login-registry.js";
import { formatTable } from "./table.js";

/** One agent's login, also its JSON. Times are ISO. */
export interface LoginRow extends AgentRef {
  readonly kind: Login["kind"] | null;
  readonly account: string | null;
  readonly refreshed: string | null;
  readonly expires: string | null;
  readonly state: LoginState | null;
  readonly slot: string | null;
  readonly pool: string | null;
  readonly sharedWith: readonly string[];
}

export interface LoginFacts {
  readonly agent: AgentRef;
  readonly login: Login | undefined;
  readonly state: LoginState | undefined;
  readonly slot: SlotRef | undefined;
  readonly sharedWith: readonly string[];
}

export function loginRow({ agent, login, state, slot, sharedWith }: LoginFacts): LoginRow {
  return {
    ...agent,
    kind: login?.kind ?? null,
    account: login?.account ?? null,
    refreshed: toIso(login?.refreshed),
    expires: toIso(login?.expires),
    state: state ?? null,
    slot: slot?.slot ?? null,
    pool: slot?.pool ?? null,
    sharedWith,
  };
}

export function loginTable(rows: readonly LoginRow[]): string {
  if (rows.length === 0) return "No agent has a container. Make some: devkit agent up 3";
  const minutes = (time: string | null) => time?.slice(0, 16).replace("T", " ") ?? "-";
  return formatTable(
    ["AGENT", "KIND", "ACCOUNT", "STATE", "REFRESHED", "EXPIRES", "SLOT", "SHARED WITH"],
    rows.map((row) => [
      row.name,
      row.kind ?? "none",
      row.account ?? "-",
      row.state ?? "-",
      minutes(row.refreshed),
      minutes(row.expires),
      row.slot ?? "-",
      row.sharedWith.length === 0 ? "-" : row.sharedWith.join(", "),
    ]),
  );
}

interface Seeded {
  readonly name: string;
  readonly account: string | null;
  readonly changed: boolean;
  readonly slot?: string | null;
}

export function importText(title: string, { name, account, changed }: Seeded): string {
  const whose = account === null ? "" : ` of ${account}`;
  return changed ? `${name} has the ${title} login${whose}.` : `${name} has this ${title} login already.`;
}

export function reseedText(title: string, all: readonly Seeded[]): string {
  if (all.length === 0) return "No agent has a container. Make some: devkit agent up 3";
  return all
    .map((one) => {
      const from = one.slot == null ? "your own" : `slot ${one.slot}`;
      return `${importText(title, one).slice(0, -1)} (${from}).`;
    })
    .join("\n");
}

export function clearText(
  title: string,
  all: readonly { readonly name: string; readonly removed: boolean; readonly slot: string | null }[],
): string {
  return all
    .map(({ name, removed, slot }) => {
      const lease = slot === null ? "" : ` Slot ${slot} is nobody's now.`;
      return `${name} ${removed ? `has no ${title} login any more.` : `had no ${title} login.`}${lease}`;
    })
    .join("\n");
}

function toIso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
