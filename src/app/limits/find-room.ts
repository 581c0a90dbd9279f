import { DevkitError, toDevkitError } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { describeLack, type Lack } from "../../domain/limits/admission.js";
import { findShortage, type MachineState } from "../../domain/limits/room.js";
import type { Limits } from "../../domain/settings/settings.js";
import type { Host, ProjectDeps } from "../ports.js";

/** How long a machine is given to have room again, while nothing that devkit waits for can make some. */
export const ROOM_MS = 60_000;
const FIRST_PAUSE_MS = 250;

/** What this machine has left. Costs next to nothing. */
export async function findMachineState(
  { project, engine }: Pick<ProjectDeps, "project" | "engine">,
  host: Pick<Host, "availableMemory" | "freeBytes" | "diskBytes">,
): Promise<MachineState> {
  const places = [project.devkitDir, project.stateDir];
  const [memory, ...disks] = await Promise.all([
    // One elsewhere has memory of its own.
    engine.place.socket === undefined ? undefined : host.availableMemory(),
    ...places.map(async (at) => ({ free: await host.freeBytes(at), size: await host.diskBytes(at) })),
  ]);
  return { memory, disks };
}

export interface RoomRequest {
  readonly host: Host;
  readonly limits: Limits;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Waits, and says so, until the machine has room for one agent to start. @throws DevkitError E_BUDGET */
export async function waitForRoom(
  deps: Pick<ProjectDeps, "project" | "engine" | "progress">,
  agent: AgentRef,
  { host, limits, patienceMs, signal }: RoomRequest,
): Promise<void> {
  const look = async () => findShortage(await findMachineState(deps, host), 1, limits);
  const first = await look();
  if (first === undefined) return;
  let last = first;
  const step = deps.progress.step(agent, `waiting for ${describeLack(first)}`);
  const probe = async () => {
    const shortage = await look();
    if (shortage === undefined) return true;
    last = shortage;
    step.update(`waiting for ${describeLack(shortage)}`);
    return undefined;
  };
  const options = { deadlineMs: patienceMs, intervalMs: FIRST_PAUSE_MS, signal, what: "room" };
  try {
    await waitFor(probe, options);
    step.done("has room to start");
  } catch (error) {
    const known = toDevkitError(error);
    const failure = known.code === "E_TIMEOUT" ? noRoomError(last) : known;
    step.fail(failure.message);
    throw failure;
  }
}

const HINTS: Readonly<Record<Lack["of"], string>> = {
  jobs: "allow more at once: --jobs",
  memory: "stop some: devkit agent down; or change [budget] memory or [container] memory in devkit.toml",
  cpus: "stop some: devkit agent down; or change [budget] cpus or [container] cpus in devkit.toml",
  pids: "stop some: devkit agent down; or change [budget] pids or [container] pids in devkit.toml",
  free_memory: "see who has it: devkit agent list --usage; stop some: devkit agent down",
  free_disk: "see what can go: devkit prune",
};

/** Why an agent is not started, where waiting does not help. */
export function noRoomError(lack: Lack): DevkitError {
  return new DevkitError("E_BUDGET", `no agent can start without ${describeLack(lack)}`, {
    hint: `${HINTS[lack.of]}; or add --force`,
    details: { limit: lack.of, needed: lack.needed, available: lack.available },
  });
}
