import type { OperationKind } from "../../../src/domain/agents/plan.js";
import { need } from "./need.js";
import type { Random } from "./random.js";

/** An agent's network as it really is. Containers of before were made on `net-1`. */
export interface ModelNetwork {
  readonly id: string;
  /** Its addresses are something else's by now. */
  readonly misplaced: boolean;
  /** Its egress is on it. */
  readonly attached: boolean;
}

/** Ids are never used twice. */
let made = 2;

/** None, one that is as it should be, or one that is misplaced, made again under another id, without its egress. */
export function randomNetwork(random: Random): ModelNetwork | undefined {
  if (random.chance(0.2)) return undefined;
  return {
    id: random.chance(0.8) ? "net-1" : "net-2",
    misplaced: random.chance(0.2),
    attached: random.chance(0.7),
  };
}

/** `usedBy`: the network that the agent's container is on. */
export function applyToNetwork(
  network: ModelNetwork | undefined,
  kind: Extract<OperationKind, `network.${string}`>,
  usedBy: string | undefined,
): ModelNetwork | undefined {
  if (kind === "network.create") {
    need(network === undefined, "there would be two of one name");
    made += 1;
    return { id: `net-${String(made)}`, misplaced: false, attached: false };
  }
  if (network === undefined) throw new Error(`${kind}: there is no network`);
  if (kind === "network.attach") {
    need(!network.misplaced, "it will not stay there");
    return { ...network, attached: true };
  }
  need(usedBy !== network.id, "the container is still on it");
  return undefined;
}
