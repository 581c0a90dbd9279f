import type { Login, ParsedLogin } from "./login.js";
import { claimsOf, fieldsAt, parseFields, textAt, timeAt, tokenAt, type Fields } from "./login-json.js";
import { markOf, type Mark } from "./marks.js";

/** Where OpenAI's tokens say whose they are. */
const CLAIMS = "https://api.openai.com/auth";

/**
 * Reads Codex's `auth.json`: an API key, or the tokens of a ChatGPT login. As in Codex, `auth_mode` decides where there is
 * both, and without one the key.
 */
export function parseCodexLogin(text: string): ParsedLogin {
  const file = parseFields(text);
  if (file === undefined) return { ok: false, problem: "is not a JSON object of a login's size" };
  const mode = textAt(file, "auth_mode");
  const [key, tokens] = [tokenAt(file, "OPENAI_API_KEY"), fieldsAt(file, "tokens")];
  if (mode === "apikey" || (mode === undefined && key !== undefined)) {
    return key === undefined ? { ok: false, problem: "has no API key" } : { ok: true, login: keyLogin(key) };
  }
  if (mode !== undefined && mode !== "chatgpt")
    return {
      ok: false,
      problem: "is of a kind that cannot be moved: neither an API key nor a ChatGPT login",
    };
  return chatgptLogin(file, tokens);
}

function keyLogin(key: string): Login {
  const identity = markOf("codex", "key", key);
  return {
    ...{ kind: "api-key", account: undefined, refreshed: undefined, expires: undefined },
    ...{ renewable: false, over: false, family: [], identity },
    content: format({ auth_mode: "apikey", OPENAI_API_KEY: key }),
  };
}

function chatgptLogin(file: Fields, tokens: Fields | undefined): ParsedLogin {
  const [id, access, refresh] = ["id_token", "access_token", "refresh_token"].map((name) =>
    tokenAt(tokens, name),
  );
  if (id === undefined || access === undefined || refresh === undefined)
    return { ok: false, problem: "has neither an API key nor the tokens of a ChatGPT login" };
  const [idClaims, accessClaims] = [claimsOf(id), claimsOf(access)];
  // Codex itself refuses a file whose id token it cannot read.
  if (idClaims === undefined) return { ok: false, problem: "has an id token that is none" };
  const accountId = textAt(tokens, "account_id") ?? textAt(fieldsAt(idClaims, CLAIMS), "chatgpt_account_id");
  const lastRefresh = textAt(file, "last_refresh");
  const refreshed = toTime(lastRefresh);
  return {
    ok: true,
    login: {
      kind: "chatgpt",
      account: textAt(idClaims, "email") ?? accountId,
      refreshed: refreshed ?? timeAt(accessClaims, "iat", 1000),
      expires: timeAt(accessClaims, "exp", 1000),
      renewable: true,
      over: false,
      family: familyOf(refresh, idClaims, accessClaims),
      identity: markOf("codex", "token", refresh),
      content: format({
        auth_mode: "chatgpt",
        OPENAI_API_KEY: null,
        tokens: { id_token: id, access_token: access, refresh_token: refresh, account_id: accountId },
        ...(refreshed === undefined ? {} : { last_refresh: lastRefresh }),
      }),
    },
  };
}

/** A session has one id in both tokens for as long as it is renewed; older tokens say when somebody logged in. */
function familyOf(refresh: string, id: Fields, access: Fields | undefined): Mark[] {
  const sessions = [textAt(access, "session_id"), textAt(id, "sid")].filter((one) => one !== undefined);
  const began = timeAt(id, "auth_time", 1000) ?? timeAt(access, "pwd_auth_time", 1);
  const who = textAt(id, "sub") ?? textAt(access, "sub");
  if (sessions.length === 0 && began !== undefined && who !== undefined)
    sessions.push(JSON.stringify([who, began]));
  const marks = sessions.map((one) => markOf("codex", "session", one));
  return [...new Set([...marks, markOf("codex", "token", refresh)])];
}

function toTime(text: string | undefined): number | undefined {
  const time =
    text !== undefined && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function format(file: Fields): string {
  return `${JSON.stringify(file, undefined, 2)}\n`;
}
