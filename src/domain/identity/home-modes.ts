/** Directories of a home that are looked through for files that are nobody else's business; `.` is the home itself. */
export const PRIVATE_DIRECTORIES = [".", ".ssh", ".codex", ".claude"] as const;

type PrivateDirectory = (typeof PRIVATE_DIRECTORIES)[number];

/** All a private directory may be: the agent's user in the container is the one outside. */
export const DIRECTORY_MODE = 0o700;

/** What everybody may read, but only the agent may change: ssh refuses a configuration that others can write. */
const PUBLIC_IN_SSH = /\.pub$|^known_hosts|^config$|^authorized_keys$|^allowed_signers$/;

/** Files that hold a login. Those of `.ssh` are all but the public ones. */
const LOGIN_FILES: Readonly<Record<PrivateDirectory, readonly string[]>> = {
  ".": [".claude.json", ".netrc", ".git-credentials"],
  ".ssh": [],
  ".codex": ["auth.json"],
  ".claude": [".credentials.json", ".claude.json"],
};

/** The widest mode that a file may have; undefined: it is the agent's own business. */
export function widestMode(directory: PrivateDirectory, name: string): number | undefined {
  if (directory === ".ssh") return PUBLIC_IN_SSH.test(name) ? 0o644 : 0o600;
  return LOGIN_FILES[directory].includes(name) ? 0o600 : undefined;
}

/** Something in a home that others could read or change. */
export interface LooseMode {
  /** Relative to the home; the agent's text. */
  readonly path: string;
  readonly mode: number;
  /** What it may be at most. */
  readonly widest: number;
  /** Why it stays as it is; undefined: it was closed, or nobody tried. */
  readonly trouble?: string | undefined;
}

export function formatMode(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}
