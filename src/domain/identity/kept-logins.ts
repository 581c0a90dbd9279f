/** What `agent home reset --keep-auth` carries over, as plain files only. */
export const KEPT_FILES: Readonly<Record<string, number>> = {
  ".gitconfig": 0o644,
  ".codex/auth.json": 0o600,
  ".claude/.credentials.json": 0o600,
};

/** Everything below it is carried over, this deep at most. */
export const KEPT_SSH = { directory: ".ssh", depth: 4 } as const;

/** Claude's state, of which only the login is carried over. Where it is depends on CLAUDE_CONFIG_DIR. */
export const CLAUDE_STATES = [".claude.json", ".claude/.claude.json"] as const;

export const KEPT_LIMITS = { files: 500, fileBytes: 1024 ** 2, stateBytes: 32 * 1024 ** 2 } as const;

/** The login, and what keeps Claude from asking all of its first questions again. */
const CLAUDE_LOGIN_KEYS = [
  "oauthAccount",
  "primaryApiKey",
  "customApiKeyResponses",
  "userID",
  "hasCompletedOnboarding",
  "lastOnboardingVersion",
  "bypassPermissionsModeAccepted",
] as const;

/** The login parts of Claude's state as text; undefined: there are none, or it cannot be read. */
export function claudeLogin(text: string): string | undefined {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof state !== "object" || state === null || Array.isArray(state)) return undefined;
  const all = state as Readonly<Record<string, unknown>>;
  const kept = CLAUDE_LOGIN_KEYS.filter((key) => Object.hasOwn(all, key)).map((key) => [key, all[key]]);
  if (kept.length === 0) return undefined;
  try {
    return `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`;
  } catch (error) {
    // It can be read, and is too deep to be written.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export interface CarriedLogins {
  /** Relative to the home; the agent's text. */
  readonly kept: readonly string[];
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}
