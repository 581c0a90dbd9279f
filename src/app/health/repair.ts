import { toDevkitError, type DevkitError } from "../../base/errors.js";
import type { Progress } from "../ports.js";
import type { Acting, Check, Fault, Looking, Repair } from "./check.js";
import { examine, type Examined } from "./examine.js";

/** What would be, or was, done about what. */
export interface RepairAction {
  readonly check: string;
  readonly action: string;
  /** What was found: everything that this mends. */
  readonly reasons: readonly string[];
  readonly done: boolean;
  readonly error: DevkitError | undefined;
}

export interface Repaired {
  readonly actions: readonly RepairAction[];
  /** As it is after that, or would be. */
  readonly examined: readonly Examined[];
}

export interface RepairRequest {
  readonly checks: readonly Check[];
  /** What to look with: anew each time, since it remembers what it saw. */
  look(this: void): Looking;
  readonly apply: boolean;
  acting(this: void): Promise<Acting>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What is mended can lay bare what it hid: a container that is gone leaves a network without an agent. */
const ROUNDS = 4;

/**
 * Looks, and with `apply` carries out what the faults say mends them, until there is nothing more to do. One repair that
 * fails keeps no other from being tried; it is tried once.
 */
export async function repairAll(request: RepairRequest): Promise<Repaired> {
  const { checks, look, apply, signal } = request;
  let examined = await examine(checks, look());
  if (!apply) return { actions: plan(examined).map((one) => toAction(one, false)), examined };
  const actions: RepairAction[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const todo = plan(examined).filter(({ repair }) =>
      actions.every(({ action }) => action !== repair.action),
    );
    if (todo.length === 0) break;
    for (const one of todo) {
      signal.throwIfAborted();
      actions.push(await carryOut(request, one));
    }
    examined = await examine(checks, look());
  }
  return { actions, examined };
}

interface Planned {
  readonly check: string;
  readonly repair: Repair;
  readonly faults: readonly Fault[];
}

/** Each action once, in the order of the checks. */
function plan(examined: readonly Examined[]): Planned[] {
  const planned = new Map<string, Planned>();
  for (const { check, look } of examined) {
    for (const fault of look.faults) {
      if (fault.repair === undefined) continue;
      const { action } = fault.repair;
      const before = planned.get(action);
      const faults = [...(before?.faults ?? []), fault];
      planned.set(
        action,
        before ? { ...before, faults } : { check: check.name, repair: fault.repair, faults },
      );
    }
  }
  return [...planned.values()];
}

async function carryOut({ acting, progress, signal }: RepairRequest, one: Planned): Promise<RepairAction> {
  const step = progress.step(undefined, one.repair.action);
  try {
    await one.repair.apply(await acting());
    step.done();
    return toAction(one, true);
  } catch (error) {
    const known = toDevkitError(signal.aborted ? signal.reason : error);
    step.fail(known.message);
    signal.throwIfAborted();
    return { ...toAction(one, false), error: known };
  }
}

function toAction({ check, repair, faults }: Planned, done: boolean): RepairAction {
  return { check, action: repair.action, reasons: faults.map(({ found }) => found), done, error: undefined };
}
