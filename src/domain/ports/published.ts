import type { PortBlock } from "./block.js";

/** A port inside an agent, and the one of this machine's loopback that leads to it. */
export interface PublishedPort {
  readonly inside: number;
  readonly host: number;
}

/** The i-th port that is published is at the i-th of the block; what the block has no room for is left out. */
export function publishedPorts(publish: readonly string[], block: PortBlock | undefined): PublishedPort[] {
  if (block === undefined) return [];
  return distinctPorts(publish)
    .slice(0, block.size)
    .map((inside, position) => ({ inside, host: block.first + position }));
}

/** In the order they are written, each once. */
export function distinctPorts(publish: readonly string[]): number[] {
  return [...new Set(publish.map(Number))];
}

/** What there is to do about an agent's published ports. */
export interface AgentPorts {
  /** Whether any is to be published. */
  readonly wanted: boolean;
  /** Why they do not all lead to the agent; undefined when they do, or none is wanted. */
  readonly cause: string | undefined;
  /** Whether there is anything of what forwards them. */
  readonly present: boolean;
}
