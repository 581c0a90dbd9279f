import type { GitConfigEntry } from "../custody/git-config.js";
import type { SshKey } from "../ssh/private-key.js";
import { CONTAINER } from "./names.js";

/** Keys that agents sign with, the best first; paths in the home. */
export const SIGNING_KEYS = [".ssh/id_ed25519", ".ssh/id_ecdsa", ".ssh/id_rsa"] as const;

/** Beside the keys: whose signatures count in the agent. */
export const SIGNERS_FILE = ".ssh/allowed_signers";

/** A principal is a pattern: an address with such characters would stand for others too. */
const PLAIN_EMAIL = /^[\w.+-]+@[\w.-]+$/;

/** A line of allowed_signers: signatures of commits and tags by this key are this person's. */
export function signerLine(agent: string, email: string, key: Pick<SshKey, "type" | "publicKey">): string {
  const principal = PLAIN_EMAIL.test(email) ? email : agent;
  return `${principal} namespaces="git" ${key.type} ${key.publicKey}`;
}

/** The file with the line in it; undefined when it has it. What else is there stays: old keys vouch for old commits. */
export function addSigner(before: string | undefined, line: string): string | undefined {
  const lines = (before ?? "").split("\n").filter((one) => one !== "");
  return lines.includes(line) ? undefined : [...lines, line, ""].join("\n");
}

/** Commits and tags are signed with that key of the home. */
export function signingConfig(key: string): GitConfigEntry[] {
  return [
    { key: "gpg.format", value: "ssh" },
    { key: "gpg.ssh.allowedsignersfile", value: `${CONTAINER.home}/${SIGNERS_FILE}` },
    { key: "user.signingkey", value: `${CONTAINER.home}/${key}` },
    { key: "commit.gpgsign", value: "true" },
    { key: "tag.gpgsign", value: "true" },
  ];
}
