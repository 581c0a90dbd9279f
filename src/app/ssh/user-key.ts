import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { parsePrivateKey, type KeyProblem, type SshKey } from "../../domain/ssh/private-key.js";
import type { UserFile, UserSsh } from "../ports-ssh.js";

const MAKE_ONE = "let devkit make one for the agent: devkit ssh-setup --index N --generate";

type Problem = Exclude<UserFile["problem"], undefined> | KeyProblem;

/** What is wrong with a file, and what to do about it. */
const PROBLEMS: Readonly<Record<Problem, readonly [string, string]>> = {
  missing: ["there is no file", `name another one, or ${MAKE_ONE}`],
  unreadable: ["you may not read", `make it readable for you, or ${MAKE_ONE}`],
  "no file": ["no key can be in", `name a private key, or ${MAKE_ONE}`],
  none: ["no private key is in", `name a private key, or ${MAKE_ONE}`],
  public: ["only the public half of a key is in", "name the file without .pub"],
  encrypted: [
    "a passphrase protects",
    `agents have nobody to ask for it: forward your ssh agent (devkit ssh-setup --index N --agent-forward), or ${MAKE_ONE}`,
  ],
  unsupported: [
    "agents cannot use the kind of key in",
    `name one of type ed25519, ecdsa or rsa, or ${MAKE_ONE}`,
  ],
};

/**
 * The key that the user named, or else the first that ssh itself would take.
 * @throws DevkitError E_SSH_KEY
 */
export async function loadUserKey(user: UserSsh, named: string | undefined): Promise<SshKey> {
  if (named !== undefined) return toKey(named, await user.readKey(named));
  for (const file of user.defaultKeys) {
    const found = await user.readKey(file);
    if (found.problem !== "missing") return toKey(file, found);
  }
  throw new DevkitError("E_SSH_KEY", `you have no ssh key: none of ${user.defaultKeys.join(", ")}`, {
    hint: `${MAKE_ONE}; or name yours: --key PATH`,
    details: { looked: user.defaultKeys },
  });
}

function toKey(file: string, { text, problem }: UserFile): SshKey {
  if (text === undefined) throw noKey(file, problem);
  const parsed = parsePrivateKey(text);
  if (parsed.key === undefined) throw noKey(file, parsed.problem);
  return parsed.key;
}

function noKey(file: string, problem: Problem): DevkitError {
  const [what, hint] = PROBLEMS[problem];
  return new DevkitError("E_SSH_KEY", `${what} ${quoteText(file)}`, { hint, details: { file, problem } });
}
