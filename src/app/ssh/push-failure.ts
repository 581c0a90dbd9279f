import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { explainSshFailure } from "../../domain/ssh/explain-ssh-failure.js";
import type { SshHost } from "../../domain/ssh/ssh-host.js";
import { gitAt, runShell, type AgentRepository } from "./agent-repository.js";
import { contextOf } from "./test-ssh.js";

type Needs = Parameters<typeof runShell>[0] & Parameters<typeof contextOf>[0];

export interface FailedPush {
  readonly repository: AgentRepository;
  readonly host: SshHost;
  /** What git and ssh said last. */
  readonly complaint: string;
}

interface Explained {
  readonly reason: string;
  readonly what: string;
  readonly hint: string;
}

const NO_REPOSITORY =
  /repository .*(not found|does not exist)|does not appear to be a git repository|could not be found|access denied or repository/i;
const READ_ONLY = /Permission to \S+ denied|not allowed to push|read.?only|insufficient permission/i;
/** What git says when it was ssh that failed. */
const OVER_SSH = /Could not read from remote repository|ssh|kex_exchange/i;

/** Whether the ssh that git uses here goes to that host by the proxy, whoever wrote the settings that say so. */
const HAS_PROXY = `
cd -- "$1" || exit
ssh=\${GIT_SSH_COMMAND:-$(git config core.sshCommand || echo ssh)}
eval "$ssh -G \\"\\$2\\"" 2>/dev/null | grep -Eiq '^proxy(command|jump) '
`;

/** Why the remote was not reached, or does not let the agent; undefined: it is something else. */
export async function explainPushFailure(
  needs: Needs,
  observed: ObservedAgent,
  { repository, host, complaint }: FailedPush,
): Promise<DevkitError | undefined> {
  const { agent } = observed;
  const explained =
    explainServer(agent, repository, complaint) ??
    (await explainSsh(needs, observed, { repository, host, complaint }));
  if (explained === undefined) return undefined;
  const { reason, what, hint } = explained;
  return new DevkitError("E_SSH", `${agent.name} cannot push to ${host.name}: ${what}`, {
    hint,
    details: { ...{ index: agent.index, agent: agent.name, host: host.name, server: host.server, reason } },
  });
}

/** ssh was fine, and the server has an answer. */
function explainServer(
  agent: AgentRef,
  { directory }: AgentRepository,
  complaint: string,
): Explained | undefined {
  if (NO_REPOSITORY.test(complaint)) {
    return {
      reason: "no-repository",
      what: "there is no such repository, or its key may not see it",
      hint: `see where origin leads: ${gitAt(agent, directory)} remote -v`,
    };
  }
  if (!READ_ONLY.test(complaint)) return undefined;
  return {
    reason: "no-write-access",
    what: "its key may not write to that repository",
    hint: `give it access there; it is shown by: devkit exec ${String(agent.index)} -- sh -c 'cat ~/.ssh/*.pub'`,
  };
}

async function explainSsh(
  needs: Needs,
  observed: ObservedAgent,
  { repository, host, complaint }: FailedPush,
): Promise<Explained | undefined> {
  if (!OVER_SSH.test(complaint)) return undefined;
  const { agent } = observed;
  const found = explainSshFailure(complaint, contextOf(needs, agent, host));
  if (found.reason === "no-program" || found.reason === "not-allowed") return found;
  const args = [repository.directory, host.name];
  if ((await runShell(needs, observed, { script: HAS_PROXY, args })).exitCode === 0) return found;
  const more = host.name === "github.com" ? "" : ` --host ${host.name}`;
  const hint = `devkit ssh-setup --index ${String(agent.index)}${more}`;
  return { reason: "not-set-up", what: "it is not set up for ssh", hint };
}
