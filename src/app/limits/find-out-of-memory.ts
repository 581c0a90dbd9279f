import { recordedLimits } from "../../domain/limits/recorded-limits.js";
import type { Engine } from "../ports-engine.js";
import type { ObservedContainer } from "../../domain/agents/observed.js";

/** What the kernel ended in an agent because it was over its memory limit. */
export interface OutOfMemory {
  /** How many processes, since the container was started; undefined when it ended by that, which nobody counts then. */
  readonly kills: number | undefined;
  /** When the engine last saw one, RFC 3339; it can miss some that follow at once, and forgets in time. */
  readonly last: string | undefined;
  /** Bytes. */
  readonly limit: number | undefined;
}

/** Undefined: not that anybody knows. Costs next to nothing for an agent that has its memory. */
export async function findOutOfMemory(
  engine: Engine,
  container: Pick<ObservedContainer, "id" | "state" | "statusText" | "config"> | undefined,
): Promise<OutOfMemory | undefined> {
  if (container === undefined) return undefined;
  const limit = recordedLimits(container.config)?.memory;
  if (container.state === "running") {
    const kills = await engine.countOomKills(container.id).catch(() => undefined);
    if (kills === undefined || kills === 0) return undefined;
    return { kills, last: await engine.findLastOom(container.id), limit };
  }
  // A container that was stopped ends with another code.
  if (!container.statusText.includes("(137)")) return undefined;
  const end = await engine.findEnd(container.id);
  return end?.outOfMemory === true ? { kills: undefined, last: end.at, limit } : undefined;
}
