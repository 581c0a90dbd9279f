import { toDevkitError } from "../../base/errors.js";
import { once } from "../../base/once.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { Plan } from "../../domain/agents/plan.js";
import type { AllowedText } from "../../domain/egress/entries.js";
import type { Settings, SettingsOf } from "../../domain/settings/settings.js";
import { provideGitHooks } from "../checks/provide-git-hooks.js";
import { loadCarried } from "../custody/carried-files.js";
import { expireTrash } from "../custody/expire-trash.js";
import { finishTrash } from "../custody/finish-trash.js";
import type { Provision } from "../egress/provision.js";
import { startEndpoint } from "../endpoint/start-endpoint.js";
import { identities } from "../identity/agent-identity.js";
import { executeHooks, hookHandlers, withoutHooks } from "../hooks/execute-hooks.js";
import { requireTrust, warnUntrusted, type HostHooks } from "../hooks/host-hooks.js";
import { provideLogins } from "../logins/provide-logins.js";
import { startInTurn } from "../limits/start-in-turn.js";
import type { AgentExtras } from "../mounts/create-extras.js";
import type { Host, ProjectDeps } from "../ports.js";
import { provideToolFiles } from "../tools/provide-tool-files.js";
import { beforeStart } from "./before-start.js";
import { executePlan, type AgentOutcome, type Handlers } from "./execute.js";
import { createHandlers } from "./operations.js";
import { planUp } from "./plan-up.js";
import { prepareHost } from "./prepare-host.js";
import { SILENT_PROGRESS } from "./silent-progress.js";

export interface UpRequest {
  readonly count: number;
  /** Only these of them. */
  readonly only?: readonly number[] | undefined;
  /** The branch that a new agent starts on; undefined: its idle one. */
  readonly branchOf?: ((agent: AgentRef) => string) | undefined;
  /** Called once all is known and nothing made, with what there is of the agents asked for; throws to stop it. */
  readonly onBegin?: ((wanted: readonly ObservedAgent[]) => Promise<void>) | undefined;
  readonly settings: Settings;
  readonly settingsOf: SettingsOf;
  /** The entries of `[egress] allow`, and where they are written. */
  readonly allowed: readonly AllowedText[];
  readonly host: Host;
  /** What the settings add to containers, checked; undefined: nothing. */
  readonly extras?: ((agents: readonly AgentRef[]) => Promise<AgentExtras>) | undefined;
  /** What runs on this machine before anything is started; undefined: nothing does. */
  readonly hostHooks?: HostHooks | undefined;
  readonly force: boolean;
  readonly dryRun: boolean;
  /** How long the machine is given to have room; undefined: as long as is usual. */
  readonly roomMs?: number | undefined;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export interface UpResult {
  readonly agents: readonly AgentRef[];
  /** Why the image has to be built first; only in a dry run. */
  readonly imageCause: string | undefined;
  /** Why an egress container has to be made or started; only in a dry run. */
  readonly egressCause: string | undefined;
  /** The commands that ran on this machine first, or would. */
  readonly hostHooks: readonly string[];
  readonly plan: Plan;
  /** Empty in a dry run. */
  readonly outcomes: readonly AgentOutcome[];
}

/** Makes agents 1..N exist and run: observe, reconcile, and unless it is a dry run, execute. */
export async function bringUp(deps: ProjectDeps, request: UpRequest): Promise<UpResult> {
  if (request.dryRun) {
    await warnUntrusted(deps, request.hostHooks);
    return (await run(deps, request)).result;
  }
  await requireTrust(request.hostHooks);
  await deps.history.requireCommit(request.settings.project.base);
  await deps.state.prepare(deps.project);
  return startInTurn(deps, request, async (part) =>
    part.dryRun
      ? (await run({ ...deps, progress: SILENT_PROGRESS }, part)).result
      : bringUpAtOnce(deps, part),
  );
}

async function bringUpAtOnce(deps: ProjectDeps, request: UpRequest): Promise<UpResult> {
  const { result, handlers } = await deps.locks.hold("agents", async () => {
    await finishTrash(deps);
    await expireTrash(deps, request.now);
    return run(deps, request);
  });
  if (handlers === undefined) return result;
  const { outcomes } = result;
  return {
    ...result,
    outcomes: await executeHooks(deps, result.plan, { handlers, outcomes, signal: request.signal }),
  };
}

interface Begun {
  readonly result: UpResult;
  /** For what is left of the plan; undefined in a dry run. */
  readonly handlers?: Handlers;
}

/** All but the agents' hooks. */
async function run(deps: ProjectDeps, request: UpRequest): Promise<Begun> {
  const { host, settings, settingsOf, signal } = request;
  const found = await planUp(deps, request);
  const { agents, plan, observed, egress } = found;
  const hostHooks = await beforeStart(deps, plan, { ...request, agents, observed });
  const result = {
    ...{ agents, imageCause: found.imageCause, egressCause: egress.cause, hostHooks, plan, outcomes: [] },
  };
  if (request.dryRun) return { result };
  await request.onBegin?.(found.wanted);
  const identityOf = identities(deps, await deps.history.config(), settingsOf);
  const [endpoint] = await Promise.all([
    startEndpoint(deps, request, agents),
    ...[prepareHost(deps, found.wanted, identityOf), egress.prepare(), found.caches.tidy()],
  ]);
  const handlers = createHandlers({
    ...{ deps, host, start: found.start, identityOf, force: request.force, branchOf: request.branchOf },
    observed: new Map(observed.map((one) => [one.agent.name, one])),
    spec: found.spec,
    prepare: found.extras?.prepare,
    network: egress.handlers,
    ports: found.ports.handlers,
    makeCaches: found.caches.make,
    addToolFiles: provideToolFiles(deps, { wanted: found.wanted, settingsOf, extrasOf: found.extras?.of }),
    addLogins: await provideLogins(deps, { wanted: found.wanted, settingsOf }),
    addGitHooks: provideGitHooks(deps, { wanted: found.wanted, settingsOf }),
    hooks: hookHandlers(deps, request),
    carried: once(() => loadCarried(deps, settings)),
  });
  const outcomes = await executePlan(withoutHooks(plan), { handlers, progress: deps.progress, signal });
  await Promise.all([finishEgress(deps, egress, outcomes), endpoint.finish()]);
  return { result: { ...result, imageCause: undefined, egressCause: undefined, outcomes }, handlers };
}

/** What keeps an agent from its egress is that agent's failure, told with those of the others. */
async function finishEgress(
  { progress }: Pick<ProjectDeps, "progress">,
  egress: Provision,
  outcomes: readonly AgentOutcome[],
): Promise<void> {
  try {
    await egress.finish();
  } catch (error) {
    const { message } = toDevkitError(error);
    const failures = outcomes.flatMap((one) => one.error ?? []);
    if (failures.length === 0) throw error;
    if (!failures.some((one) => one.message === message)) progress.warn(message);
  }
}
