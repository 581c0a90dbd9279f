/** Logins as the programs write them, made up. */

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function makeToken(claims: object): string {
  return `${encode({ alg: "none", typ: "JWT" })}.${encode(claims)}.c2ln`;
}

export interface CodexLogin {
  readonly session?: string;
  readonly refresh?: string;
  readonly email?: string;
  /** ISO. */
  readonly refreshed?: string;
  /** Seconds. */
  readonly expires?: number;
  readonly idClaims?: object;
}

export function codexLogin({
  session = "session-1",
  refresh = "rt_1",
  email = "tess@example.com",
  refreshed = "2026-01-01T00:00:00Z",
  expires = 4_000_000_000,
  idClaims = {},
}: CodexLogin = {}): string {
  return JSON.stringify({
    OPENAI_API_KEY: null,
    tokens: {
      id_token: makeToken({ email, sub: "user-1", ...idClaims }),
      access_token: makeToken({ session_id: session, exp: expires, sub: "user-1" }),
      refresh_token: refresh,
      account_id: "acc-1",
    },
    last_refresh: refreshed,
  });
}

export interface ClaudeLogin {
  readonly access?: string;
  readonly refresh?: string | null;
  readonly expires?: number;
}

export function claudeLogin({ access = "at_1", refresh = "rt_1", expires = 4e12 }: ClaudeLogin = {}): string {
  return JSON.stringify({
    claudeAiOauth: {
      accessToken: access,
      refreshToken: refresh,
      expiresAt: expires,
      scopes: ["user:inference"],
      subscriptionType: "max",
    },
    mcpOAuth: { server: { accessToken: "of-a-server" } },
  });
}
