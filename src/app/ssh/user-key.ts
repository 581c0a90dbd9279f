import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { parsePrivateKey, type KeyProblem, type SshKey } from "../../domain/ssh/private-key.js";
import type { UserFile, UserSsh } from "../ports-ssh.js";

type Problem = Exclude<UserFile["problem"], undefined> | KeyProblem;

/** What is wrong with a file; and what to do about it, where making a key is the way out of most. */
const PROBLEMS: Readonly<Record<Problem, readonly [string, string]>> = {
  missing: ["there is no file", "name another one"],
  unreadable: ["you may not read", "make it readable for you"],
  "no file": ["no key can be in", "name a private key"],
  none: ["no private key is in", "name a private key"],
  public: ["only the public half of a key is in", "name the file without .pub"],
  encrypted: ["a passphrase protects", "agents have nobody to ask for it: forward your ssh agent"],
  unsupported: ["agents cannot use the kind of key in", "name one of type ed25519, ecdsa or rsa"],
};

export interface UserKeyRequest {
  /** The file that the user named. */
  readonly named: string | undefined;
  /** The command without the option for a key, for hints: `devkit ssh-setup --index 2`. */
  readonly command: string;
}

/**
 * The key that the user named, or else the first that ssh itself would take.
 * @throws DevkitError E_SSH_KEY
 */
export async function loadUserKey(user: UserSsh, { named, command }: UserKeyRequest): Promise<SshKey> {
  if (named !== undefined) return toKey(named, await user.readKey(named), command);
  for (const file of user.defaultKeys) {
    const found = await user.readKey(file);
    if (found.problem !== "missing") return toKey(file, found, command);
  }
  throw new DevkitError("E_SSH_KEY", `you have no ssh key: none of ${user.defaultKeys.join(", ")}`, {
    hint: `${makeOne(command)}; or name yours: --key PATH`,
    details: { looked: user.defaultKeys },
  });
}

function toKey(file: string, { text, problem }: UserFile, command: string): SshKey {
  if (text === undefined) throw noKey(file, problem, command);
  const parsed = parsePrivateKey(text);
  if (parsed.key === undefined) throw noKey(file, parsed.problem, command);
  return parsed.key;
}

function makeOne(command: string): string {
  return `let devkit make one for the agent: ${command} --generate`;
}

function noKey(file: string, problem: Problem, command: string): DevkitError {
  const [what, first] = PROBLEMS[problem];
  const forward = problem === "encrypted" ? ` (${command} --agent-forward)` : "";
  const hint = problem === "public" ? first : `${first}${forward}, or ${makeOne(command)}`;
  return new DevkitError("E_SSH_KEY", `${what} ${quoteText(file)}`, { hint, details: { file, problem } });
}
