import type { Profile } from "../settings/profiles.js";
import { byHost, covers, formatHostPattern, type HostPattern } from "./host-pattern.js";
import type { PresetName } from "./presets.js";
import { isLive, isSameSubject, type EgressRule } from "./rules.js";

/** Who asked for a grant. */
export type GrantOrigin =
  /** `place`: as people read it, such as `devkit.toml:4:10`. */
  | { readonly from: "settings"; readonly place: string; readonly preset?: PresetName }
  /** `devkit allow`, for one agent or all. */
  | { readonly from: "rule"; readonly agent: string | undefined };

/** A name that the settings allow, presets already replaced by their hosts. */
export interface PolicyEntry {
  readonly pattern: HostPattern;
  readonly origin: GrantOrigin;
}

/** A name that one agent may reach. */
export interface Grant {
  readonly pattern: HostPattern;
  /** Unix seconds; undefined: for ever. */
  readonly until: number | undefined;
  readonly origin: GrantOrigin;
}

/** A grant that a deny has taken away. */
export interface RemovedGrant {
  readonly grant: Grant;
  readonly by: EgressRule;
}

/** A deny that does nothing, because something wider allows the same names: grants are all there is. */
export interface CannotDeny {
  readonly rule: EgressRule;
  /** The wildcard to deny instead (`*.example.com`), or `open` for the profile. */
  readonly because: string;
}

export interface EffectivePolicy {
  /** Profile `open`: any name on any port, whatever `grants` hold. */
  readonly open: boolean;
  /** In the order of `byHost`, each pattern once. */
  readonly grants: readonly Grant[];
  readonly removed: readonly RemovedGrant[];
  readonly cannotDeny: readonly CannotDeny[];
}

export interface PolicyRequest {
  readonly entries: readonly PolicyEntry[];
  /** In the order they were made. */
  readonly rules: readonly EgressRule[];
  readonly agent: string;
  readonly profiles: readonly Profile[];
  /** Unix seconds. */
  readonly now: number;
}

/**
 * What one agent may reach: the settings' names, then the rules for all agents, then those for this one, each in the
 * order they were made, so that the later and the nearer decides.
 */
export function effectivePolicy(request: PolicyRequest): EffectivePolicy {
  const state: State = { grants: new Map(), removed: new Map(), denies: new Map() };
  for (const { pattern, origin } of request.entries) allow(state, { pattern, until: undefined, origin });
  for (const agent of [undefined, request.agent]) {
    for (const rule of latestRules(request, agent)) {
      if (rule.action === "deny") deny(state, rule);
      else allow(state, { pattern: rule.pattern, until: rule.until, origin: { from: "rule", agent } });
    }
  }
  const grants = [...state.grants.values()].sort((a, b) => byHost(a.pattern, b.pattern));
  const removed = [...state.removed.values()].sort((a, b) => byHost(a.grant.pattern, b.grant.pattern));
  const open = request.profiles.includes("open");
  return { open, grants, removed, cannotDeny: findCannotDeny(state, grants, open) };
}

interface State {
  /** All by the pattern's text. */
  readonly grants: Map<string, Grant>;
  readonly removed: Map<string, RemovedGrant>;
  readonly denies: Map<string, EgressRule>;
}

/** Rules in force; of those that say the same of the same names only the latest. */
function latestRules({ rules, now }: PolicyRequest, agent: string | undefined): EgressRule[] {
  const live = rules.filter((rule) => rule.agent === agent && isLive(rule, now));
  return live.filter((rule, index) => {
    const isRepeated = (later: EgressRule) => later.action === rule.action && isSameSubject(rule, later);
    return !live.slice(index + 1).some(isRepeated);
  });
}

/** A grant never shortens another of the same names. */
function allow(state: State, grant: Grant): void {
  const key = formatHostPattern(grant.pattern);
  const before = state.grants.get(key);
  state.denies.delete(key);
  state.removed.delete(key);
  if (before === undefined || (before.until ?? Infinity) < (grant.until ?? Infinity))
    state.grants.set(key, grant);
}

function deny(state: State, rule: EgressRule): void {
  state.denies.set(formatHostPattern(rule.pattern), rule);
  for (const [key, grant] of state.grants) {
    if (!covers(rule.pattern, grant.pattern)) continue;
    state.grants.delete(key);
    state.removed.set(key, { grant, by: rule });
  }
}

function findCannotDeny(state: State, grants: readonly Grant[], open: boolean): CannotDeny[] {
  return [...state.denies.values()].flatMap((rule) => {
    if (open) return [{ rule, because: "open" }];
    const wider = grants.find(({ pattern }) => covers(pattern, rule.pattern));
    return wider === undefined ? [] : [{ rule, because: formatHostPattern(wider.pattern) }];
  });
}
