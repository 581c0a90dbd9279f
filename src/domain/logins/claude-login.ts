import type { ParsedLogin } from "./login.js";
import { fieldsAt, parseFields, textAt, timeAt, tokenAt, type Fields } from "./login-json.js";
import { markOf } from "./marks.js";

const LONGEST_LIST = 50;

/**
 * Reads Claude Code's `.credentials.json`. Only `claudeAiOauth` of it is its login: tokens of servers that the user has
 * connected are in the same file.
 */
export function parseClaudeLogin(text: string): ParsedLogin {
  const oauth = fieldsAt(parseFields(text), "claudeAiOauth");
  if (oauth === undefined) return { ok: false, problem: "has no claudeAiOauth" };
  const [access, refresh] = [tokenAt(oauth, "accessToken"), tokenAt(oauth, "refreshToken")];
  // How Claude Code marks one whose refresh token was refused: emptied, not removed.
  const over = access === undefined && oauth["accessToken"] === "" && oauth["refreshToken"] === "";
  if (access === undefined && !over) return { ok: false, problem: "has no access token" };
  const expires = timeAt(oauth, "expiresAt", 1);
  const subscription = textAt(oauth, "subscriptionType");
  return {
    ok: true,
    login: {
      kind: "oauth",
      account: subscription === undefined ? undefined : `Claude ${subscription}`,
      refreshed: undefined,
      expires,
      renewable: refresh !== undefined,
      over,
      family: refresh === undefined ? [] : [markOf("claude", "token", refresh)],
      identity: markOf("claude", "token", refresh ?? access ?? ""),
      content: `${JSON.stringify({ claudeAiOauth: pick(oauth, { access, refresh, expires }) })}\n`,
    },
  };
}

interface Tokens {
  readonly access: string | undefined;
  readonly refresh: string | undefined;
  readonly expires: number | undefined;
}

function pick(oauth: Fields, { access, refresh, expires }: Tokens): Fields {
  const { scopes } = oauth;
  const isScope = (one: unknown) => typeof one === "string" && /^[\x21-\x7e]{1,100}$/.test(one);
  const optional = ["subscriptionType", "rateLimitTier", "clientId"].flatMap((name) => {
    const value = textAt(oauth, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    accessToken: access ?? "",
    refreshToken: refresh ?? (access === undefined ? "" : null),
    expiresAt: expires ?? null,
    scopes: Array.isArray(scopes) ? scopes.slice(0, LONGEST_LIST).filter(isScope) : [],
    ...Object.fromEntries(optional),
  };
}
