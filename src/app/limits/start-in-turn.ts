import { isDevkitError, type DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { findShortage } from "../../domain/limits/room.js";
import type { AgentOutcome } from "../agents/execute.js";
import type { UpRequest, UpResult } from "../agents/up.js";
import type { ProjectDeps } from "../ports.js";
import { findMachineState, ROOM_MS, waitForRoom } from "./find-room.js";

type Up = (request: UpRequest) => Promise<UpResult>;

/**
 * Brings agents up all at once where the machine has room for that, and otherwise one after the other, each as soon as there is
 * some. Nothing is made of one that waits, and no lock is held meanwhile.
 * @throws DevkitError E_BUDGET when there was none for the first
 */
export async function startInTurn(deps: ProjectDeps, request: UpRequest, up: Up): Promise<UpResult> {
  if (request.force || (await hasRoomForAll(deps, request))) return up(request);
  // What can never be is refused before anything is made, as ever.
  const foreseen = await up({ ...request, dryRun: true });
  const starting = namesOf(foreseen, "container.start");
  const [later, now] = [true, false].map((isLate) =>
    foreseen.agents.filter(({ name }) => starting.has(name) === isLate),
  ) as [AgentRef[], AgentRef[]];
  let hostHooks = request.hostHooks;
  const results: UpResult[] = [];
  const bring = async (agents: readonly AgentRef[]) => {
    results.push(await up({ ...request, hostHooks, only: agents.map(({ index }) => index) }));
    if (results.some((one) => one.hostHooks.length > 0)) hostHooks = undefined;
  };
  if (now.length > 0) await bring(now);
  let without: AgentOutcome[] = [];
  for (const [position, agent] of later.entries()) {
    try {
      await waitForRoom(deps, agent, {
        ...{ host: request.host, limits: request.settingsOf(agent).container, signal: request.signal },
        patienceMs: request.roomMs ?? ROOM_MS,
      });
      await bring([agent]);
    } catch (error) {
      if (!isNoRoom(error) || results.length === 0) throw error;
      without = later.slice(position).map((one) => ({ agent: one, done: [], error }));
      break;
    }
  }
  return {
    ...{ agents: foreseen.agents, plan: foreseen.plan, imageCause: undefined, egressCause: undefined },
    hostHooks: results.flatMap((one) => one.hostHooks),
    outcomes: [...results.flatMap(({ outcomes }) => outcomes), ...without],
  };
}

/** As if none of them ran: who is wrong about that finds out, and loses a moment. */
async function hasRoomForAll(deps: ProjectDeps, request: UpRequest): Promise<boolean> {
  const { host, settings, count } = request;
  const state = await findMachineState(deps, host);
  return findShortage(state, request.only?.length ?? count, settings.container) === undefined;
}

function namesOf({ plan }: UpResult, kind: string): ReadonlySet<string> {
  return new Set(plan.operations.filter((one) => one.kind === kind).map(({ agent }) => agent.name));
}

function isNoRoom(error: unknown): error is DevkitError {
  return isDevkitError(error) && error.code === "E_BUDGET";
}
