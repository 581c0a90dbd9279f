import { isAgentName } from "../agents/agent-name.js";
import { formatHostPattern, formatHostProblem, parseHostPattern } from "./host-pattern.js";
import type { EgressRule } from "./rules.js";
import { showText } from "../../base/show-text.js";

export type ParsedRules =
  | { readonly ok: true; readonly rules: readonly EgressRule[] }
  /** One line: what is wrong, and in which rule. */
  | { readonly ok: false; readonly problem: string };

const VERSION = 1;
const MAX_RULES = 10_000;
const MAX_TEXT = 4 * 1024 ** 2;
const KEYS: readonly string[] = ["action", "host", "agent", "until"];

/** Reads rules.json strictly: a rule that is not understood must not be taken for one that is not there. */
export function parseRules(text: string): ParsedRules {
  try {
    if (text.length > MAX_TEXT) throw new Refusal("it is too large");
    const document: unknown = parseJson(text);
    if (!isObject(document)) throw new Refusal("it is not an object");
    requireKeys(document, ["version", "rules"], "it");
    if (document["version"] !== VERSION) throw new Refusal("it is of another version of devkit");
    const { rules } = document;
    if (!Array.isArray(rules)) throw new Refusal('"rules" is not a list');
    if (rules.length > MAX_RULES) throw new Refusal("it has too many rules");
    return { ok: true, rules: rules.map((rule, index) => readRule(rule, `rule ${String(index + 1)}`)) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.message };
    throw error;
  }
}

/** What `parseRules` reads: the same rules give the same text. */
export function formatRules(rules: readonly EgressRule[]): string {
  const lines = rules.map(({ action, pattern, agent, until }) =>
    JSON.stringify({ action, host: formatHostPattern(pattern), agent, until }),
  );
  const list = lines.length === 0 ? "[]" : `[\n  ${lines.join(",\n  ")}\n]`;
  return `{"version": ${String(VERSION)}, "rules": ${list}}\n`;
}

/** Never leaves this file. */
class Refusal extends Error {}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("it is not JSON");
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requireKeys(value: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new Refusal(`${what} has the unknown key "${showText(unknown.slice(0, 40))}"`);
}

function readRule(value: unknown, what: string): EgressRule {
  if (!isObject(value)) throw new Refusal(`${what} is not an object`);
  requireKeys(value, KEYS, what);
  const { action, host, agent, until } = value;
  if (action !== "allow" && action !== "deny") throw new Refusal(`${what} neither allows nor denies`);
  if (typeof host !== "string") throw new Refusal(`${what} has no host`);
  const parsed = parseHostPattern(host);
  if (!parsed.ok) throw new Refusal(`${what}: ${formatHostProblem(parsed.problem)}`);
  const isAgent = agent === undefined || (typeof agent === "string" && isAgentName(agent));
  if (!isAgent) throw new Refusal(`${what} is for something that is no agent`);
  const isTime = until === undefined || (Number.isSafeInteger(until) && (until as number) > 0);
  if (!isTime) throw new Refusal(`${what} ends at something that is no time`);
  return { action, pattern: parsed.pattern, agent, until: until as number | undefined };
}
