import type { AgentRef } from "../../domain/agents/agent.js";
import { upCommand } from "../../domain/agents/up-command.js";
import type { GitConfigEntry } from "../../domain/custody/git-config.js";
import { fillIdentity, committerFields, type Committer } from "../../domain/identity/identity-template.js";
import { agentPaths, type AgentPaths } from "../../domain/identity/project.js";
import { SIGNING_KEYS, signerLine, signingConfig } from "../../domain/identity/signing.js";
import { parsePrivateKey, type SshKey } from "../../domain/ssh/private-key.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { Progress, ProjectDeps } from "../ports.js";

/** Who an agent is to git. */
export interface AgentIdentity {
  /** What goes into the generated settings of its home. */
  readonly config: readonly GitConfigEntry[];
  /** Whether the settings name somebody. */
  readonly isKnown: boolean;
  readonly isSigning: boolean;
  /** Whose signatures those by its key are, as a line of allowed_signers; undefined: it has no key yet. */
  readonly signer: string | undefined;
}

export type IdentityOf = (agent: AgentRef) => AgentIdentity;

/** Without `[agent] identity` agents commit as the user. */
const USER = "{name} <{email}>";
/** Larger ones are no keys. */
const KEY_LIMIT = 65_536;

/** @param config The settings of the user's own git. */
export function identities(
  { project, homes }: Pick<ProjectDeps, "project" | "homes">,
  config: readonly GitConfigEntry[],
  settingsOf: SettingsOf,
): IdentityOf {
  const last = new Map(config.map((entry) => [entry.key, entry]));
  const user = ["user.name", "user.email"].map((key) => last.get(key)).filter((one) => one !== undefined);
  const self = { name: last.get("user.name")?.value, email: last.get("user.email")?.value };
  const known: Committer = { name: self.name ?? "", email: self.email ?? "" };
  return (agent) => {
    const { identity: template, sign } = settingsOf(agent).agent;
    const isKnown = committerFields(template ?? USER).every((field) => self[field] !== undefined);
    const committer = fillIdentity(template ?? USER, { ...known, agent: agent.name, index: agent.index });
    const found = findKey(homes, agentPaths(project, agent));
    return {
      config: [
        ...(isKnown ? committerConfig(committer) : user),
        ...(sign && found !== undefined ? signingConfig(found.file) : []),
      ],
      isKnown,
      isSigning: sign,
      signer: found && signerLine(agent.name, committer.email, found.key),
    };
  };
}

function committerConfig({ name, email }: Committer): GitConfigEntry[] {
  return [
    { key: "user.name", value: name },
    { key: "user.email", value: email },
  ];
}

/** The first that is there and needs no passphrase: nobody could type one at each commit. */
function findKey(
  homes: ProjectDeps["homes"],
  paths: AgentPaths,
): { readonly file: string; readonly key: SshKey } | undefined {
  for (const file of SIGNING_KEYS) {
    const { key } = parsePrivateKey(homes.read(paths, file, KEY_LIMIT) ?? "");
    if (key !== undefined) return { file, key };
  }
  return undefined;
}

/** Agents that cannot commit, or not as the settings ask for. */
export function warnAboutIdentities(
  progress: Pick<Progress, "warn">,
  agents: readonly AgentRef[],
  identityOf: IdentityOf,
): void {
  const found = agents.map((agent) => ({ agent, ...identityOf(agent) }));
  // Also for whoever has spawned them: the same command again would make others.
  const again = upCommand(agents);
  if (found.some(({ isKnown }) => !isKnown)) {
    progress.warn(
      "git does not know who you are, so agents cannot commit yet; set it and tell them: " +
        `git config --global user.name "Your Name" && git config --global user.email you@example.com && ${again}`,
    );
  }
  const keyless = found.filter(({ isSigning, signer }) => isSigning && signer === undefined);
  const [first, ...others] = keyless.map(({ agent }) => agent);
  if (first === undefined) return;
  const which = others.length === 0 ? `--index ${String(first.index)}` : "--all";
  progress.warn(
    `${keyless.map(({ agent }) => agent.name).join(", ")}: no ssh key to sign with yet, so commits are not signed; ` +
      `give one and tell them: devkit ssh-setup ${which} && ${again}`,
  );
}
