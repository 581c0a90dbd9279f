import type { Roster } from "../agents/agent.js";

/** What commands inside agents need of the settings; the host writes it, the broker reads it. */
export interface EndpointSettings {
  /** The name of the machine, for claims: its engine can tell who runs. */
  readonly host: string;
  /** `[tasks] prefix`, `topics` and `lease`. */
  readonly prefix: string;
  readonly topics: Readonly<Record<string, string>>;
  readonly leaseMs: number;
  readonly roster: Roster;
  /** `[[check]]`, as settings have them; by agent where an agent has its own. */
  readonly checks: readonly string[];
  readonly checksOf: ReadonlyMap<string, readonly string[]>;
}

export function formatEndpointSettings(settings: EndpointSettings): string {
  const { host, prefix, topics, leaseMs, roster, checks, checksOf } = settings;
  return `${JSON.stringify({
    ...{ host, prefix, topics, lease_ms: leaseMs, roster: [...roster] },
    ...{ checks, checks_of: [...checksOf] },
  })}\n`;
}

/** Undefined when the text is none. */
export function parseEndpointSettings(text: string | undefined): EndpointSettings | undefined {
  try {
    const found = JSON.parse(text ?? "") as Readonly<Record<string, unknown>>;
    const { host, prefix, lease_ms: leaseMs } = found;
    if (typeof host !== "string" || typeof prefix !== "string" || typeof leaseMs !== "number")
      return undefined;
    const isIndex = (value: unknown) => typeof value === "number";
    return {
      ...{ host, prefix, leaseMs },
      topics: Object.fromEntries(entriesOf(Object.entries(found["topics"] ?? {}), isText)),
      roster: new Map(entriesOf(found["roster"], isIndex)),
      checks: isTexts(found["checks"]) ? found["checks"] : [],
      checksOf: new Map(entriesOf(found["checks_of"], isTexts)),
    };
  } catch {
    return undefined;
  }
}

function entriesOf<T>(value: unknown, isValue: (value: unknown) => value is T): [string, T][] {
  const isEntry = (entry: unknown): entry is [string, T] =>
    Array.isArray(entry) && isText(entry[0]) && isValue(entry[1]);
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}
