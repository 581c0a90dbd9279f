import { DevkitError, isDevkitError } from "../../base/errors.js";
import { quoteText, showText } from "../../base/show-text.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { withoutSecrets } from "../../domain/identity/credentials.js";
import { isOid } from "../../domain/custody/refs.js";
import { parsePushReport } from "../../domain/ssh/push-report.js";
import type { SshHost } from "../../domain/ssh/ssh-host.js";
import { requireRunning } from "../agents/exec.js";
import type { SpecOf } from "../agents/list.js";
import { observePresent } from "../agents/observe.js";
import { requireSuccess } from "../agents/outcome.js";
import { requireAgent } from "../agents/select.js";
import { syncAgents } from "../custody/sync-agents.js";
import type { ProjectDeps } from "../ports.js";
import type { WorktreeCare } from "../ports-worktrees.js";
import { sharedBranches } from "../worktrees/shared-branches.js";
import {
  findRepository,
  gitFailure,
  gitAt,
  REMOTE,
  requireRemote,
  runShell,
  writeRemote,
  type AgentRepository,
  type RemoteChange,
} from "./agent-repository.js";
import { withForwardedAgent, type ForwardNeeds } from "./forward-agent.js";
import { explainPushFailure } from "./push-failure.js";

export interface PushRequest {
  readonly selector: string;
  /** Relative to the worktree, or a container path. */
  readonly directory: string;
  /** Also a branch that others build on. */
  readonly allowBase: boolean;
  /** `[project] base` */
  readonly base: string;
  /** Those whose ssh is known, for an agent. */
  readonly hostsFor: (agent: AgentRef) => readonly SshHost[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What became of a push. */
export interface PushOutcome {
  readonly agent: AgentRef;
  readonly directory: string;
  /** Short name. */
  readonly branch: string;
  readonly remote: RemoteChange;
  /** False: the remote had all of it. */
  readonly pushed: boolean;
  /** Where the remote's branch was; undefined: it is new. */
  readonly from: string | undefined;
  readonly to: string;
  /** How many commits are new on the remote; undefined: that cannot be told. */
  readonly commits: number | undefined;
}

type Needs = ProjectDeps &
  ForwardNeeds & { readonly care: Pick<WorktreeCare, "findBase">; readonly spec: SpecOf };

/** One push, on its way. */
interface Push {
  readonly observed: ObservedAgent;
  readonly repository: AgentRepository;
  readonly remote: RemoteChange;
  /** Full name. */
  readonly ref: string;
  readonly branch: string;
  readonly tip: string;
  readonly request: PushRequest;
  /** Variables that give ssh inside the user's ssh agent, where that is allowed. */
  readonly env: Readonly<Record<string, string>>;
  /** Without anything secret. */
  readonly shownUrl: string;
}

/** $2 and $3: where origin leads, and where it should: the settings are changed only once that has worked. */
const BY_SSH = `
cd -- "$1" || exit
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.$3.insteadOf" GIT_CONFIG_VALUE_0="$2"`;
const PUSH = `${BY_SSH}\nexec git push --porcelain -u ${REMOTE} "$4:$4"`;
const FIRST_BRANCH = `${BY_SSH}\nexec git ls-remote --symref ${REMOTE} HEAD`;
/** $2: our memory of the remote's branch, which the push has moved; $3: where that branch was, or nothing; $4: the tip. */
const COUNT = `
cd -- "$1" || exit
to=$(git rev-parse -q --verify "refs/remotes/$2^{commit}") || to=$4
from=; [ -z "$3" ] || from=$(git rev-parse -q --verify "$3^{commit}")
printf '%s\\n' "$to" "$from"
if [ -n "$from" ]; then exec git rev-list --count "$from..$to"; fi
[ -n "$3" ] || exec git rev-list --count "$to" --not --exclude="$2" --remotes
`;

/** Brings an agent's commits home, then lets its own git push its branch to `origin` over ssh, under its name, never by force. */
export async function pushRepository(deps: Needs, request: PushRequest): Promise<PushOutcome> {
  const running = await requireRunning(deps, request.selector);
  const { agent } = running;
  const { outcomes } = await syncAgents(deps, [agent.name], deps.spec);
  requireSuccess(outcomes, 0);
  const observed = requireAgent(agent.name, await observePresent(deps));
  const repository = await findRepository(deps, observed, request.directory);
  const { ref, tip } = requireBranch(agent, repository);
  const remote = requireRemote(agent, repository, "ssh", request.hostsFor(agent));
  const branch = ref.replace(/^refs\/heads\//, "");
  const push = {
    observed,
    repository,
    remote,
    ref,
    branch,
    tip,
    request,
    shownUrl: withoutSecrets(remote.url),
  };
  if (repository.isWorktree) await refuseShared(deps, push);
  const step = deps.progress.step(agent, `pushing ${branch}`);
  try {
    const outcome = await withForwardedAgent(deps, running, async (env) => {
      const forwarded = { ...push, env };
      await refuseFirst(deps, forwarded);
      return run(deps, forwarded);
    });
    if (remote.url !== remote.before) await writeRemote(deps, observed, repository, remote);
    step.done(outcome.pushed ? `pushed ${branch}` : `${branch} is pushed already`);
    return outcome;
  } catch (error) {
    step.fail(`cannot push ${branch}`);
    throw error;
  }
}

/** @throws DevkitError E_DETACHED_HEAD, E_NO_COMMIT */
function requireBranch(
  agent: AgentRef,
  { directory, ref, tip }: AgentRepository,
): { readonly ref: string; readonly tip: string } {
  const git = gitAt(agent, directory);
  const details = { agent: agent.name, path: directory };
  if (ref === undefined) {
    throw new DevkitError(
      "E_DETACHED_HEAD",
      `HEAD of ${agent.name} in ${showText(directory)} is on no branch`,
      {
        hint: `give its commits one: ${git} switch -c agent/${agent.name}/NAME`,
        details,
      },
    );
  }
  if (tip !== undefined) return { ref, tip };
  throw new DevkitError("E_NO_COMMIT", `${agent.name} has no commit to push in ${showText(directory)}`, {
    hint: `let it make one: ${git} commit`,
    details,
  });
}

/** What the host knows to be a branch that others build on, before anything is asked of the remote. */
async function refuseShared({ care }: Needs, push: Omit<Push, "env">): Promise<void> {
  if (push.request.allowBase) return;
  const shared = await sharedBranches(care, push.request.base, REMOTE);
  if (shared.has(push.branch)) throw sharedBranch(push);
}

/** The remote's own first branch, asked for where the name alone does not tell: nobody builds on an agent's. */
async function refuseFirst(deps: Needs, push: Push): Promise<void> {
  const { observed, ref, request } = push;
  if (request.allowBase || ref.startsWith(`refs/heads/agent/${observed.agent.name}/`)) return;
  const asked = await runTimed(deps, push, { script: FIRST_BRANCH, args: argsOf(push) });
  if (asked.exitCode !== 0) throw await explain(deps, push, asked.complaint);
  const first = /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(asked.output)?.[1];
  if (first === ref) throw sharedBranch(push);
}

function argsOf({ repository, remote }: Push): string[] {
  return [repository.directory, remote.before, remote.url];
}

function sharedBranch({ observed: { agent }, branch, repository }: Omit<Push, "env">): DevkitError {
  return new DevkitError("E_SHARED_BRANCH", `${agent.name} is on ${branch}, which others build on`, {
    hint:
      `give its commits a branch: ${gitAt(agent, repository.directory)} switch -c agent/${agent.name}/NAME; ` +
      "or push it all the same: add --allow-base",
    details: { agent: agent.name, branch },
  });
}

async function run(deps: Needs, push: Push): Promise<PushOutcome> {
  const { observed, repository, remote, ref, branch, tip, shownUrl } = push;
  const { agent } = observed;
  const pushed = await runTimed(deps, push, { script: PUSH, args: [...argsOf(push), ref] });
  const report = parsePushReport(pushed.output);
  if (report?.result === "behind") {
    throw new DevkitError("E_DIVERGED", `${branch} of ${REMOTE} has commits that ${agent.name} has not`, {
      hint: `let it take them in, then push again: ${gitAt(agent, repository.directory, "pull", "--rebase", REMOTE, branch)}`,
      details: { agent: agent.name, branch, url: shownUrl },
    });
  }
  if (report?.result === "refused") {
    throw new DevkitError(
      "E_PUSH_REFUSED",
      `${shownUrl} does not take ${branch}: ${quoteText(report.reason)}`,
      {
        hint: `see what it says: ${gitAt(agent, repository.directory, "push", REMOTE, branch)}`,
        details: { agent: agent.name, branch, url: shownUrl, excerpt: pushed.complaint },
      },
    );
  }
  if (pushed.exitCode !== 0 || report === undefined) throw await explain(deps, push, pushed.complaint);
  const outcome = { agent, directory: repository.directory, branch, remote };
  if (report.result === "current") {
    return { ...outcome, pushed: false, from: tip, to: tip, commits: 0 };
  }
  return { ...outcome, pushed: true, ...(await count(deps, push, report.from)) };
}

/** Full ids of where the remote's branch was and is, and how many commits came to it. */
async function count(
  deps: Needs,
  { observed, repository, tip, branch }: Push,
  from: string | undefined,
): Promise<Pick<PushOutcome, "from" | "to" | "commits">> {
  const args = [repository.directory, `${REMOTE}/${branch}`, from ?? "", tip];
  const { output } = await runShell(deps, observed, { script: COUNT, args });
  const [to = "", start = "", commits = ""] = output.split("\n");
  return {
    to: isOid(to) ? to : tip,
    from: isOid(start) ? start : from,
    commits: /^\d+$/.test(commits) ? Number(commits) : undefined,
  };
}

async function explain(deps: Needs, push: Push, complaint: string): Promise<DevkitError> {
  const { observed, repository, remote } = push;
  const known = await explainPushFailure(deps, observed, { repository, host: remote.host, complaint });
  return known ?? gitFailure(observed.agent, `git cannot push to ${push.shownUrl}`, complaint);
}

/** @throws DevkitError E_TIMEOUT */
async function runTimed(
  deps: Needs,
  { observed, remote, branch, request, shownUrl, env }: Push,
  { script, args }: { readonly script: string; readonly args: readonly string[] },
): ReturnType<typeof runShell> {
  const signal = AbortSignal.any([AbortSignal.timeout(request.timeoutMs), request.signal]);
  try {
    return await runShell(deps, observed, { script, args, env, signal });
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_TIMEOUT") throw error;
    const { name, index } = observed.agent;
    const seconds = String(Math.round(request.timeoutMs / 1000));
    throw new DevkitError(
      "E_TIMEOUT",
      `${name} did not get ${branch} to ${remote.host.name} in ${seconds} s`,
      {
        hint: `see whether it answers: devkit ssh-test ${String(index)}; give it longer: --timeout 10m`,
        details: { agent: name, branch, url: shownUrl },
        cause: error,
      },
    );
  }
}
