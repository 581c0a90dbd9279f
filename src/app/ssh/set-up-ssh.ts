import { createLimiter } from "../../base/concurrency.js";
import { once } from "../../base/once.js";
import { DevkitError, toDevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { covers, type HostPattern } from "../../domain/egress/host-pattern.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SettingsOf, SshSettings } from "../../domain/settings/settings.js";
import { fingerprintOf, publicLine } from "../../domain/ssh/private-key.js";
import { findSshHost, listSshHosts, type SshHost } from "../../domain/ssh/ssh-host.js";
import { observe } from "../agents/observe.js";
import type { AgentOutcome } from "../agents/execute.js";
import { selectContained } from "../host-runtime/refuse-on-host.js";
import { applyPolicies, loadPolicyState } from "../egress/apply-policies.js";
import { changeRule } from "../egress/change-rule.js";
import { policyOf } from "../egress/write-policies.js";
import { identities } from "../identity/agent-identity.js";
import { refreshIdentity } from "../identity/refresh-identity.js";
import type { SshPorts } from "../ports-ssh.js";
import type { ProjectDeps } from "../ports.js";
import { chooseKey, MAIN_HOST, type KeyWish } from "./agent-key.js";
import { writeSshFiles } from "./ssh-files.js";
import { loadUserKey } from "./user-key.js";

export interface SetUpRequest {
  /** None: every agent there is. */
  readonly selectors: readonly string[];
  readonly host: string;
  readonly settingsOf: SettingsOf;
  readonly wish: "keep" | "generate" | { readonly keyFile: string };
  /** Replace a key that is there. */
  readonly force: boolean;
  /** Undefined: as it was. */
  readonly forward: boolean | undefined;
}

/** What an agent has now. */
export interface SetUpAgent {
  readonly agent: AgentRef;
  readonly host: SshHost;
  readonly key:
    | {
        readonly file: string;
        readonly type: string;
        readonly fingerprint: string;
        /** The line to register. */
        readonly publicKey: string;
        readonly made: boolean;
      }
    | undefined;
  readonly forward: boolean;
  /** Files of its home that were written. */
  readonly written: readonly string[];
  /** It could not reach the server before. */
  readonly allowed: boolean;
  /** Whether anything is other than it was. */
  readonly changed: boolean;
  readonly running: boolean;
}

type Needs = ProjectDeps & { readonly ssh: SshPorts };

/** Gives agents what they need for ssh with a host. One agent's failure does not keep the others from theirs. */
export async function setUpSsh(
  deps: Needs,
  request: SetUpRequest,
): Promise<{ done: SetUpAgent[]; outcomes: Pick<AgentOutcome, "agent" | "error">[] }> {
  const present = (await observe(deps)).filter(isPresent);
  const selected = selectContained(deps.project, request.selectors, present);
  if (selected.length === 0) {
    throw new DevkitError("E_AGENT_UNKNOWN", "there are no agents yet", {
      hint: "make some: devkit agent up 3",
    });
  }
  const given = request.wish === "keep" || request.wish === "generate" ? undefined : request.wish.keyFile;
  const userKey = once(() =>
    loadUserKey(deps.ssh.user, { named: given, command: againFor(selected, request.host) }),
  );
  // What is wrong with what the user named is wrong for all of them.
  const key = given === undefined ? undefined : await userKey();
  const wish: KeyWish =
    key !== undefined
      ? { kind: "given", key, force: request.force }
      : request.wish === "generate"
        ? { kind: "generate", force: request.force }
        : { kind: "keep" };
  const done: SetUpAgent[] = [];
  const inTurn = createLimiter(1);
  const outcomes = await Promise.all(
    selected.map(async (observed) => {
      const { agent } = observed;
      const step = deps.progress.step(agent, "setting up ssh");
      try {
        const one = await deps.locks.hold(`ssh-${agent.name}`, () =>
          setUpAgent(deps, observed, { ...request, wish, userKey, inTurn }),
        );
        done.push(one);
        step.done(one.changed ? `can use ssh with ${one.host.name}` : "nothing to do");
        return { agent, error: undefined };
      } catch (error) {
        const failure = toDevkitError(error);
        step.fail(failure.message);
        return { agent, error: failure };
      }
    }),
  );
  return { done: done.sort((a, b) => a.agent.index - b.agent.index), outcomes };
}

/** The command for the same agents and host, to go on with. */
function againFor([first, ...others]: readonly ObservedAgent[], host: string): string {
  const whom = first === undefined || others.length > 0 ? "--all" : `--index ${String(first.agent.index)}`;
  return `devkit ssh-setup ${whom}${host === MAIN_HOST ? "" : ` --host ${host}`}`;
}

interface AgentRequest extends Omit<SetUpRequest, "wish"> {
  readonly wish: KeyWish;
  readonly userKey: () => ReturnType<typeof loadUserKey>;
  /** The policies of egress are one for all. */
  readonly inTurn: ReturnType<typeof createLimiter>;
}

async function setUpAgent(
  deps: Needs,
  { agent, state, container }: ObservedAgent,
  request: AgentRequest,
): Promise<SetUpAgent> {
  if (!state.home) {
    throw new DevkitError("E_AGENT_UNKNOWN", `${agent.name} has a worktree only, and no home yet`, {
      hint: `make it an agent: ${upCommand([agent])}`,
      details: { asked: agent.name, agents: [] },
    });
  }
  const paths = agentPaths(deps.project, agent);
  const settings = request.settingsOf(agent).ssh;
  const host = requireHost(request.host, settings);
  const before = deps.ssh.records.load(paths).forward;
  const forward = request.forward ?? before;
  // Whoever forwards keys does not want them copied.
  const userKey = () => (forward ? Promise.resolve(undefined) : request.userKey());
  const placed = await chooseKey(deps, agent, { host: host.name, wish: request.wish, userKey });
  const written = writeSshFiles(deps.homes, paths, { host, settings, key: placed, forward });
  // A key that signs does so from the next commit on.
  await refreshIdentity(
    deps,
    agent,
    identities(deps, await deps.history.config(), request.settingsOf)(agent),
  );
  if (forward !== before) await deps.ssh.records.save(paths, { forward });
  const allowed = await request.inTurn(() => allowServer(deps, agent, host));
  return {
    agent,
    host,
    key: placed && {
      file: placed.file,
      type: placed.key.type,
      fingerprint: fingerprintOf(placed.key.publicKey),
      publicKey: publicLine(placed.key).trim(),
      made: placed.made,
    },
    forward,
    written,
    allowed,
    changed: allowed || forward !== before || written.length > 0,
    running: container?.state === "running",
  };
}

/** @throws DevkitError E_SSH_HOST */
export function requireHost(name: string, settings: SshSettings): SshHost {
  const host = findSshHost(name, settings);
  if (host !== undefined) return host;
  const known = listSshHosts(settings).map((one) => one.name);
  throw new DevkitError(
    "E_SSH_HOST",
    `devkit does not know where ${JSON.stringify(name)} speaks ssh on port 443`,
    {
      hint: `write the name that does into devkit.toml: [ssh] hosts = { "git.example.com" = "ssh.example.com" }; known: ${known.join(", ")}`,
      details: { host: name, known },
    },
  );
}

/** Lets one agent reach the server; nothing is touched when it can. */
async function allowServer(deps: Needs, agent: AgentRef, { server }: SshHost): Promise<boolean> {
  const pattern: HostPattern = { host: server, wildcard: false };
  const { open, grants } = policyOf(await loadPolicyState(deps), agent);
  if (open || grants.some((grant) => grant.until === undefined && covers(grant.pattern, pattern))) {
    // A run that was cut off may have noted it and told no proxy; those that know it are left alone.
    await deps.locks.hold("egress", () => applyPolicies(deps));
    return false;
  }
  await changeRule(deps, { action: "allow", pattern, selector: agent.name, forSeconds: undefined });
  return true;
}
