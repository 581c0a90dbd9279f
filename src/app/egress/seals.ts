import { createHash } from "node:crypto";
import type { AgentRef } from "../../domain/agents/agent.js";
import { sealRules } from "../../domain/egress/seal.js";
import type { Slot } from "../../domain/egress/subnets.js";
import type { LabelledContainer } from "../ports-engine.js";
import type { ProjectDeps } from "../ports.js";

type Needs = Pick<ProjectDeps, "engine" | "egress">;

/**
 * Whether the packet filter of an agent in this place was loaded into its running container since that was started; it
 * goes with every stop.
 */
export async function isSealed(
  { engine, egress }: Needs,
  agent: AgentRef,
  { id, state }: Pick<LabelledContainer, "id" | "state">,
  slot: Slot | undefined,
): Promise<boolean> {
  if (slot === undefined || (state !== "running" && state !== "paused")) return false;
  const [start, sealed] = await Promise.all([engine.findStart(id), egress.loadSeal(agent)]);
  return start !== undefined && sealed === sealOf(id, start, slot);
}

/** What is written down once it is loaded; another devkit may have other rules. */
export function sealOf(containerId: string, start: string, slot: Slot): string {
  const rules = createHash("sha256").update(sealRules(slot)).digest("hex").slice(0, 12);
  return `${containerId} ${start} ${rules}`;
}
