import type { AgentPorts } from "../../../src/domain/ports/published.js";
import { need } from "./need.js";
import type { Random } from "./random.js";

/** What forwards an agent's ports, as it really is. */
export interface ModelPorts {
  readonly wanted: boolean;
  present: boolean;
  /** It is in the network of the start that the container runs since. */
  joined: boolean;
}

export function randomPorts(random: Random): ModelPorts {
  return { wanted: random.chance(0.6), present: random.chance(0.5), joined: random.chance(0.6) };
}

/** What `agent up` sees of it. */
export function portsOf({ wanted, present, joined }: ModelPorts, isRunning: boolean): AgentPorts {
  const isFine = !wanted || (present && joined && isRunning);
  return { wanted, present, cause: isFine ? undefined : "nothing forwards its ports" };
}

export function applyToPorts(
  ports: ModelPorts,
  kind: "ports.publish" | "ports.withdraw",
  isRunning: boolean,
): void {
  if (kind === "ports.publish") need(isRunning, "there is no network to join");
  Object.assign(ports, { present: kind === "ports.publish", joined: true });
}
