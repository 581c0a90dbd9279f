import type { AgentRef } from "../../domain/agents/agent.js";
import type { RemoteForm } from "../../domain/ssh/remote-url.js";
import type { SshHost } from "../../domain/ssh/ssh-host.js";
import type { SpecOf } from "../agents/list.js";
import { observePresent } from "../agents/observe.js";
import { requireAgent } from "../agents/select.js";
import { refuseOnHost } from "../host-runtime/refuse-on-host.js";
import type { ProjectDeps } from "../ports.js";
import { findRepository, requireRemote, writeRemote, type RemoteChange } from "./agent-repository.js";

export interface RemoteFormRequest {
  readonly selector: string;
  /** Relative to the worktree, or a container path. */
  readonly directory: string;
  readonly form: RemoteForm;
  /** Those whose ssh is known, for an agent. */
  readonly hostsFor: (agent: AgentRef) => readonly SshHost[];
}

export interface RemoteFormOutcome {
  readonly agent: AgentRef;
  readonly directory: string;
  readonly remote: RemoteChange;
}

/** Writes `origin` over ssh or over https into an agent's own git settings, also of one that does not run. */
export async function setRemoteForm(
  deps: ProjectDeps & { readonly spec: SpecOf },
  { selector, directory, form, hostsFor }: RemoteFormRequest,
): Promise<RemoteFormOutcome> {
  const observed = requireAgent(selector, await observePresent(deps));
  refuseOnHost(deps.project, observed);
  const repository = await findRepository(deps, observed, directory);
  const remote = requireRemote(observed.agent, repository, form, hostsFor(observed.agent));
  if (remote.url !== remote.before) await writeRemote(deps, observed, repository, remote);
  return { agent: observed.agent, directory: repository.directory, remote };
}
