import { formatHostPattern, type HostPattern } from "./host-pattern.js";

/** What `devkit allow` and `devkit deny` keep on this machine. */
export interface EgressRule {
  readonly action: "allow" | "deny";
  readonly pattern: HostPattern;
  /** The name of the agent it is for; undefined: all of them. */
  readonly agent: string | undefined;
  /** Unix seconds; undefined: for ever. */
  readonly until: number | undefined;
}

export function isLive(rule: EgressRule, nowSeconds: number): boolean {
  return rule.until === undefined || rule.until > nowSeconds;
}

/** Whether two rules say something of the same names to the same agents. */
export function isSameSubject(a: EgressRule, b: EgressRule): boolean {
  return a.agent === b.agent && formatHostPattern(a.pattern) === formatHostPattern(b.pattern);
}

/**
 * The rules with one more, which comes last and so wins; without those that have expired or can never matter again.
 * A timed rule keeps a lasting one of the other kind below it, so that its end brings back what was before: what is
 * denied for good and allowed for ten minutes is denied again after them.
 */
export function addRule(
  rules: readonly EgressRule[],
  added: EgressRule,
  nowSeconds: number,
): readonly EgressRule[] {
  const outlives = (rule: EgressRule) => added.until !== undefined && (rule.until ?? Infinity) > added.until;
  const kept = rules.filter(
    (rule) =>
      isLive(rule, nowSeconds) &&
      (!isSameSubject(rule, added) || (rule.action !== added.action && outlives(rule))),
  );
  return [...kept, added];
}
