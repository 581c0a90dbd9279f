import { DevkitError, toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { describeDrift, type ContainerSpec } from "../../domain/agents/container-spec.js";
import { isLive, type ObservedAgent } from "../../domain/agents/observed.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { trashId } from "../../domain/custody/trash.js";
import type { CarriedLogins } from "../../domain/identity/kept-logins.js";
import { LABELS } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SpecOf } from "../agents/list.js";
import { findFreeStamp } from "../custody/free-stamp.js";
import { finishTrash } from "../custody/finish-trash.js";
import { noteRenewals } from "../logins/note-renewals.js";
import type { ProjectDeps } from "../ports.js";
import { finishHomeSwap } from "./finish-home-swaps.js";
import { requireHome } from "./require-home.js";

export interface ResetHomeRequest {
  readonly selector: string;
  readonly keepAuth: boolean;
  readonly force: boolean;
  /** The container it should have: its mounts have their places in the home. */
  readonly wanted: SpecOf;
  readonly now: Date;
}

export interface ResetHome {
  readonly agent: AgentRef;
  /** What the old home is called in the trash. */
  readonly id: string;
  readonly carried: CarriedLogins;
  /** Whether it was stopped for this, so that somebody has to start it again. */
  readonly stopped: boolean;
}

/**
 * Gives an agent a fresh home and puts the old one into the trash. Branch, files and private git dir stay as they are.
 * @throws DevkitError E_AGENT_BUSY while commands run in it
 */
export async function resetHome(deps: ProjectDeps, request: ResetHomeRequest): Promise<ResetHome> {
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    await finishTrash(deps);
    const observed = await requireHome(deps, request.selector);
    const step = deps.progress.step(observed.agent, "making a fresh home");
    try {
      const result = await run(deps, observed, request);
      step.done("has a fresh home");
      return result;
    } catch (error) {
      step.fail(toDevkitError(error).message);
      throw error;
    }
  });
}

async function run(
  deps: ProjectDeps,
  observed: ObservedAgent,
  { keepAuth, force, wanted, now }: ResetHomeRequest,
): Promise<ResetHome> {
  const { agent, container } = observed;
  const paths = agentPaths(deps.project, agent);
  const live = container !== undefined && isLive(container) ? container.id : undefined;
  const spec = await wanted(agent);
  if (!force) await refuseBusy(deps, observed, spec);
  // The identity of its commits is written with everything else that `agent up` writes into homes.
  const made = await deps.homeSwaps.make({ paths, identity: [], mounts: spec.mounts });
  if (live !== undefined) {
    // Making it took a while.
    if (!force) await refuseBusy(deps, observed, spec);
    await deps.engine.stopContainer(live);
  }
  try {
    // Only now: a login that a running tool renews would be out of date.
    await noteRenewals(deps, agent);
    const none: CarriedLogins = { kept: [], left: [] };
    const carried = keepAuth ? await deps.homeSwaps.carryLogins(paths, made) : none;
    const id = trashId(agent, await findFreeStamp(deps, agent, now));
    const swap = { id, agent, next: { made } };
    await deps.homeSwaps.begin(paths, swap);
    await finishHomeSwap(deps, swap);
    return { agent, id, carried, stopped: container?.state === "running" };
  } catch (error) {
    if (live !== undefined)
      deps.progress.warn(
        `${agent.name} was stopped for this and stays so; to start it: ${upCommand([agent])}`,
      );
    throw error;
  }
}

/** Its HOME is mounted: whatever runs in it would go on in the old one, and end when that is moved. */
async function refuseBusy(
  deps: ProjectDeps,
  { agent, container }: ObservedAgent,
  spec: ContainerSpec,
): Promise<void> {
  if (container?.state !== "running") return;
  const index = String(agent.index);
  const running = await deps.engine.countExecs(container.id);
  if (running > 0) {
    const commands = running === 1 ? "1 command runs" : `${String(running)} commands run`;
    throw new DevkitError("E_AGENT_BUSY", `${agent.name}: ${commands} in it, with the home that is to go`, {
      hint: "wait for them to end, or end them with it: add --force",
      details: { agent: agent.name, running },
    });
  }
  if (container.configHash === spec.labels[LABELS.configHash]) return;
  throw new DevkitError(
    "E_AGENT_BUSY",
    `${agent.name} runs with other settings than those of now (${describeDrift(container.config, spec)}), so it cannot be started again as it is`,
    {
      hint: `stop it first: devkit agent down ${index}; or name its overlays (-p); or have its container replaced: add --force`,
      details: { agent: agent.name, running },
    },
  );
}
