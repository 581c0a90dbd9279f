import { DevkitError, isDevkitError } from "../../base/errors.js";
import type { NewCommit } from "../../domain/custody/merge.js";
import type { RawGit } from "./raw-git.js";

export interface Author {
  readonly name: string;
  readonly email: string;
  /** As git writes it: seconds since 1970 and the time zone. */
  readonly date: string;
}

/** What programs that sign need to find keys and to ask for a passphrase. */
const SIGNING = [
  "GNUPGHOME",
  "GPG_TTY",
  "SSH_AUTH_SOCK",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "TERM",
];

/** Makes a commit object; the committer is the user, and so is the author unless one is given. */
export async function commitTree(
  git: RawGit,
  { tree, parents, message }: NewCommit,
  { sign, author }: { readonly sign: boolean; readonly author?: Author },
): Promise<string> {
  const args = [
    ...["-c", "i18n.commitEncoding=UTF-8", "commit-tree", sign ? "-S" : "--no-gpg-sign"],
    ...parents.flatMap((parent) => ["-p", parent]),
    tree,
  ];
  const env = { ...(sign ? signingEnv() : {}), ...(author === undefined ? {} : authorEnv(author)) };
  try {
    const input = Buffer.from(message, "utf8").toString("latin1");
    return (await git(args, { env, input })).stdout.trim();
  } catch (error) {
    if (!isDevkitError(error) || !/ident|tell me who you are|(email|name) was given/i.test(error.message))
      throw error;
    throw new DevkitError("E_GIT", `git cannot make a commit for you: ${error.message}`, {
      hint: 'git config --global user.name "Your Name" && git config --global user.email you@example.com',
      cause: error,
    });
  }
}

function authorEnv({ name, email, date }: Author): Record<string, string> {
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: `@${date}` };
}

function signingEnv(): Record<string, string> {
  const found = SIGNING.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
