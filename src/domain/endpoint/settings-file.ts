import type { Roster } from "../agents/agent.js";

/** What commands inside agents need of the settings; the host writes it, the broker reads it. */
export interface EndpointSettings {
  /** The name of the machine, for claims: its engine can tell who runs. */
  readonly host: string;
  /** `[tasks] prefix` and `lease`. */
  readonly prefix: string;
  readonly leaseMs: number;
  readonly roster: Roster;
}

export function formatEndpointSettings({ host, prefix, leaseMs, roster }: EndpointSettings): string {
  return `${JSON.stringify({ host, prefix, lease_ms: leaseMs, roster: [...roster] })}\n`;
}

/** Undefined when the text is none. */
export function parseEndpointSettings(text: string | undefined): EndpointSettings | undefined {
  try {
    const { host, prefix, lease_ms: leaseMs, roster } = JSON.parse(text ?? "") as Record<string, unknown>;
    if (typeof host !== "string" || typeof prefix !== "string" || typeof leaseMs !== "number")
      return undefined;
    return { host, prefix, leaseMs, roster: new Map(Array.isArray(roster) ? roster.filter(isEntry) : []) };
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number";
}
