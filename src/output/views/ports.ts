import type { PublishedPort } from "../../domain/ports/published.js";
import { formatTable } from "./table.js";

/** One published port, also its JSON. */
export interface PortRow {
  /** The port inside the agent. */
  readonly inside: number;
  /** Where this machine has it. */
  readonly address: string;
  /** `taken`: another program has it. */
  readonly state: "open" | "taken" | "closed";
}

export function portRow({ inside, host, state }: PublishedPort & Pick<PortRow, "state">): PortRow {
  return { inside, address: `127.0.0.1:${String(host)}`, state };
}

/** `3000 → 127.0.0.1:20010`, and what keeps it from leading there. */
export function portText(port: PublishedPort & Pick<PortRow, "state">): string {
  const { inside, address, state } = portRow(port);
  return `${String(inside)} → ${address}${WORDS[state]}`;
}

const WORDS: Readonly<Record<PortRow["state"], string>> = {
  open: "",
  taken: " (another program has it)",
  closed: " (closed)",
};

/** The ports of one agent. */
export interface AgentPortRows {
  readonly name: string;
  /** `20010-20019`; null for one that was never up. */
  readonly ports: string | null;
  readonly published: readonly PortRow[];
}

export function portTable(agents: readonly AgentPortRows[]): string {
  if (agents.length === 0) return "No agent has a container. Make some: devkit agent up 3";
  const rows = agents.flatMap(({ name, ports, published }) => {
    const start = [name, ports ?? "none"];
    const cells = published.map(({ inside, address, state }) => [...start, String(inside), address, state]);
    return cells.length === 0 ? [[...start, "-", "-", "not published"]] : cells;
  });
  return formatTable(["AGENT", "PORTS", "INSIDE", "HOST", "STATE"], rows);
}
