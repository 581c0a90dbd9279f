import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths, type AgentPaths } from "../../domain/identity/project.js";
import { generateKey } from "../../domain/ssh/generate-key.js";
import { parsePrivateKey, type KeyProblem, type SshKey } from "../../domain/ssh/private-key.js";
import { keyFileOf, SSH_FILES } from "../../domain/ssh/ssh-config.js";
import type { HomeFiles } from "../ports-identity.js";
import type { ProjectDeps } from "../ports.js";

const KEY_LIMIT = 64 * 1024;
const BLOCK_LIMIT = 16 * 1024;
const NAMES = ["id_ed25519", "id_ecdsa", "id_rsa"];
/** The host whose keys have the plain names. */
export const MAIN_HOST = "github.com";

/** Which key an agent is to have. */
export type KeyWish =
  | { readonly kind: "keep" }
  | { readonly kind: "generate"; readonly force: boolean }
  | { readonly kind: "given"; readonly key: SshKey; readonly force: boolean };

/** A key, and its file below `.ssh`. */
export interface PlacedKey {
  readonly file: string;
  readonly key: SshKey;
  readonly made: boolean;
}

/** What is at the place of an agent's key. */
export interface FoundKey {
  readonly file: string;
  readonly key: SshKey | undefined;
  readonly problem: KeyProblem | undefined;
}

/** The key that an agent uses for a host: the one that its block names, or one of the usual names. */
export function findAgentKey(homes: HomeFiles, paths: AgentPaths, host: string): FoundKey | undefined {
  const named = keyFileOf(homes.read(paths, SSH_FILES.hostConfig(host), BLOCK_LIMIT) ?? "");
  const candidates = [
    ...(named === undefined ? [] : [named]),
    ...(host === MAIN_HOST ? [] : NAMES.map((name) => `${name}-${host}`)),
    ...NAMES,
  ];
  return candidates.map((file) => readAt(homes, paths, file)).find((found) => found !== undefined);
}

/**
 * The key an agent gets. One that is there is kept, unless the user has said otherwise with force.
 * @throws DevkitError E_SSH_KEY, E_SSH_KEY_EXISTS
 */
export async function chooseKey(
  { homes, project }: Pick<ProjectDeps, "homes" | "project">,
  agent: AgentRef,
  { host, wish, userKey }: { host: string; wish: KeyWish; userKey: () => Promise<SshKey | undefined> },
): Promise<PlacedKey | undefined> {
  const paths = agentPaths(project, agent);
  if (wish.kind === "keep") {
    const found = findAgentKey(homes, paths, host);
    if (found !== undefined) return { ...found, key: requireUsable(agent, found), made: false };
    const key = await userKey();
    return key === undefined ? undefined : { file: key.fileName, key, made: true };
  }
  const key = wish.kind === "given" ? wish.key : generateKey(`devkit ${agent.name}`);
  const file = host === MAIN_HOST ? key.fileName : `${key.fileName}-${host}`;
  const there = readAt(homes, paths, file);
  if (there === undefined || wish.force) return { file, key, made: there?.key?.text !== key.text };
  if (there.key?.publicKey === key.publicKey) return { file, key: there.key, made: false };
  if (wish.kind === "generate" && there.key !== undefined) return { file, key: there.key, made: false };
  throw new DevkitError("E_SSH_KEY_EXISTS", `${agent.name} has another key in ~/.ssh/${file}`, {
    hint: "it may be registered somewhere: to replace it all the same, add --force",
    details: { agent: agent.name, file },
  });
}

function readAt(homes: HomeFiles, paths: AgentPaths, file: string): FoundKey | undefined {
  const text = homes.read(paths, `.ssh/${file}`, KEY_LIMIT);
  if (text === undefined) return undefined;
  const { key, problem } = parsePrivateKey(text);
  return { file, key, problem };
}

function requireUsable({ name }: AgentRef, { file, key, problem }: FoundKey): SshKey {
  if (key !== undefined) return key;
  const what = problem === "encrypted" ? "needs a passphrase" : "is no private key that ssh can use";
  throw new DevkitError("E_SSH_KEY", `~/.ssh/${file} of ${name} ${what}`, {
    hint: `give it another one: devkit ssh-setup --index ${name.replace("agent-", "")} --generate --force`,
    details: { agent: name, file, problem },
  });
}
