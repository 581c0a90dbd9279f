import { availableParallelism } from "node:os";
import { createLimiter } from "../../base/concurrency.js";
import { DevkitError, toDevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { formatSize } from "../../base/sizes.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Step } from "../../domain/agents/plan.js";
import { worktreeSteps } from "../../domain/agents/reconcile.js";
import { lockReason } from "../../domain/identity/names.js";
import { worktreeBranch } from "../../domain/worktrees/branch.js";
import type { WorktreeLayout } from "../../domain/worktrees/layout.js";
import type { AddWorktree, CarriedFiles, ProjectDeps } from "../ports.js";
import type { WorktreeCare } from "../ports-worktrees.js";
import { warnAboutCheckout } from "../custody/carried-files.js";
import { observeWorktrees, type OwnWorktree } from "./observe.js";

export interface InitRequest {
  readonly count: number;
  readonly base: string;
  readonly prefix: string | undefined;
  readonly layout: WorktreeLayout;
  readonly dryRun: boolean;
  /** More at once than usual. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** Files of the primary that new worktrees get copies of. */
  readonly carried: () => Promise<CarriedFiles>;
}

/** More new worktrees than this want `--force`. */
const MAX_NEW = 64;

/** What became, or in a dry run would become, of one worktree. */
export interface InitializedWorktree {
  readonly agent: AgentRef;
  readonly path: string;
  /** Short; undefined when detached. */
  readonly branch: string | undefined;
  readonly isAgent: boolean;
  readonly steps: readonly Step[];
  readonly error: DevkitError | undefined;
}

type Needs = ProjectDeps & { readonly care: WorktreeCare };

/** Makes worktrees 1..N exist, without containers. Those that are whole, and agents', are left alone. */
export async function initWorktrees(deps: Needs, request: InitRequest): Promise<InitializedWorktree[]> {
  const base = await deps.care.findBase(request.base);
  deps.project.places.layout = request.layout;
  const run = async () => {
    const indexes = Array.from({ length: request.count }, (_, position) => position + 1);
    const all = await observeWorktrees(deps, indexes);
    const wanted = all.filter(({ observed }) => observed.agent.index <= request.count);
    if (!request.force) await refuseTooMany(deps, wanted, base.oid);
    const plans = wanted.map((one): Planned => {
      const branch = worktreeBranch(one.observed.agent, request.prefix, base.branch);
      return planWorktree(one, { branch, start: base.oid });
    });
    if (request.dryRun) return Promise.all(plans.map((plan) => foresee(deps, plan)));
    await deps.history.ignoreLocally("/.devkit/");
    const limit = createLimiter(availableParallelism());
    return Promise.all(plans.map((plan) => limit(() => carryOut(deps, plan, request))));
  };
  if (request.dryRun) return run();
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", run);
}

async function refuseTooMany(deps: Needs, wanted: readonly OwnWorktree[], start: string): Promise<void> {
  const fresh = wanted.filter(({ record }) => record === undefined).length;
  if (fresh <= MAX_NEW) return;
  const size = (await deps.history.checkoutSize(start)) * fresh;
  throw new DevkitError(
    "E_TOO_MANY",
    `${String(fresh)} new worktrees would take about ${formatSize(size)} of disk`,
    {
      hint: "if that is what you want: add --force",
      details: { newWorktrees: fresh, diskBytes: size },
    },
  );
}

interface Planned {
  readonly one: OwnWorktree;
  readonly add: AddWorktree;
  readonly steps: readonly Step[];
}

function planWorktree(one: OwnWorktree, fresh: { readonly branch: string; readonly start: string }): Planned {
  const { observed, record, path } = one;
  const common = { worktree: path, reason: lockReason(observed.agent) };
  // One that lost its directory comes back where it was, on no branch if that was so.
  const add: AddWorktree =
    record === undefined
      ? { ...common, ...fresh }
      : { ...common, branch: record.branch, start: record.head ?? fresh.start };
  return { one, add, steps: one.isAgent ? [] : worktreeSteps(observed).remake };
}

async function foresee(deps: Needs, plan: Planned): Promise<InitializedWorktree> {
  const error = await refuseForeign(deps, plan).then(() => undefined, toDevkitError);
  return toResult(plan, error);
}

function toResult({ one, add, steps }: Planned, error: DevkitError | undefined): InitializedWorktree {
  const { agent, worktree } = one.observed;
  const branch = worktree.registered ? worktree.branch : add.branch;
  return { agent, path: one.path, branch, isAgent: one.isAgent, steps, error };
}

async function carryOut(
  deps: Needs,
  plan: Planned,
  { signal, carried }: InitRequest,
): Promise<InitializedWorktree> {
  const { agent } = plan.one.observed;
  if (plan.steps.length === 0) return toResult(plan, undefined);
  const step = deps.progress.step(agent, "waiting");
  try {
    await refuseForeign(deps, plan);
    for (const { kind } of plan.steps) {
      signal.throwIfAborted();
      step.update(DOING[kind] ?? kind);
      await perform(deps, kind, plan, carried);
    }
    step.done(`${plan.add.branch ?? "detached"} in ${plan.one.path}`);
    return toResult(plan, undefined);
  } catch (error) {
    const failure = toDevkitError(signal.aborted ? signal.reason : error);
    step.fail(failure.message);
    return toResult(plan, failure);
  }
}

const DOING: Readonly<Partial<Record<Step["kind"], string>>> = {
  "worktree.add": "adding the worktree",
  "worktree.adopt": "registering the worktree again",
  "worktree.repair": "repairing the worktree",
  "worktree.checkout": "checking files out",
};

async function perform(
  deps: Needs,
  kind: Step["kind"],
  { add, one }: Planned,
  carried: InitRequest["carried"],
): Promise<void> {
  const { worktrees } = deps;
  if (kind === "worktree.add") await addOne(deps, add);
  else if (kind === "worktree.adopt") await worktrees.adopt(add);
  else if (kind === "worktree.repair") await worktrees.repair(add.worktree);
  else if (kind === "worktree.checkout") {
    // The user's own branch, in a worktree of their own: an agent's submodules would be of no use to them there.
    const options = { trusted: true, modules: false, carried: await carried() };
    const report = await worktrees.checkout(add.worktree, options);
    warnAboutCheckout(deps.progress, one.observed.agent, report);
  } else throw new Error(`${kind} is nothing a worktree without an agent needs`);
}

async function addOne({ worktrees, history, progress }: Needs, add: AddWorktree): Promise<void> {
  if (await worktrees.add(add)) return;
  const tip = add.branch === undefined ? undefined : await history.findRef(`refs/heads/${add.branch}`);
  // A branch is taken as it is and never set to another commit, which who gave --base should know.
  if (tip === undefined || tip === add.start) return;
  progress.warn(
    `${add.branch ?? ""} was there already: the worktree is at ${tip.slice(0, 12)}, not at ${add.start.slice(0, 12)}`,
  );
}

/** Only agents' directories are taken over by their name alone; here it has to say that it is this repository's. */
async function refuseForeign({ worktrees }: Needs, { one, steps }: Planned): Promise<void> {
  const isNew = steps.some(({ kind }) => kind === "worktree.adopt");
  if (!isNew || (await worktrees.isForgotten(one.path))) return;
  throw new DevkitError(
    "E_WORK_IN_THE_WAY",
    `${one.path} has files in it and is no worktree of this repository`,
    {
      hint: `look at them, and move them away: ls -la ${shellWord(one.path)}`,
    },
  );
}
