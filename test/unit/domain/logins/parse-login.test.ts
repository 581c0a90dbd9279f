import { describe, expect, test } from "vitest";
import { loginState, isNewer, type Login } from "../../../../src/domain/logins/login.js";
import { LOGIN_KINDS } from "../../../../src/domain/logins/login-kinds.js";
import { heldMarks, isMark, sharesMark } from "../../../../src/domain/logins/marks.js";
import { claudeLogin, codexLogin, makeToken } from "../../support/logins.js";

const parse = (tool: "codex" | "claude", text: string): Login => {
  const parsed = LOGIN_KINDS[tool].parse(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.login;
};
const codex = (text: string) => parse("codex", text);
const claude = (text: string) => parse("claude", text);
const problem = (tool: "codex" | "claude", text: string) => {
  const parsed = LOGIN_KINDS[tool].parse(text);
  return parsed.ok ? undefined : parsed.problem;
};

describe("Codex", () => {
  test("an API key has no family, and no end", () => {
    const login = codex('{"auth_mode":"apikey","OPENAI_API_KEY":"sk-1","extra":"left out"}');
    expect(login).toMatchObject({ kind: "api-key", family: [], renewable: false, expires: undefined });
    expect(JSON.parse(login.content)).toEqual({ auth_mode: "apikey", OPENAI_API_KEY: "sk-1" });
    expect(codex('{"OPENAI_API_KEY":"sk-1"}').identity).toBe(login.identity);
    expect(codex('{"OPENAI_API_KEY":"sk-2"}').identity).not.toBe(login.identity);
  });

  test("a ChatGPT login says whose it is and when it ends, and is copied without what else is there", () => {
    const file = {
      ...(JSON.parse(codexLogin()) as object),
      agent_identity: "x",
      personal_access_token: null,
    };
    const login = codex(JSON.stringify(file));
    expect(login).toMatchObject({
      kind: "chatgpt",
      account: "tess@example.com",
      refreshed: Date.parse("2026-01-01T00:00:00Z"),
      expires: 4e12,
      renewable: true,
    });
    const copied = JSON.parse(login.content) as Record<string, unknown>;
    expect(Object.keys(copied)).toEqual(["auth_mode", "OPENAI_API_KEY", "tokens", "last_refresh"]);
    expect(copied["tokens"]).toEqual((file as unknown as { tokens: unknown }).tokens);
  });

  test("where there is both, auth_mode decides, and without one the key", () => {
    const both = { ...(JSON.parse(codexLogin()) as object), OPENAI_API_KEY: "sk-1" };
    expect(codex(JSON.stringify(both)).kind).toBe("api-key");
    expect(codex(JSON.stringify({ ...both, auth_mode: "chatgpt" })).kind).toBe("chatgpt");
  });

  test("a family is known again when its tokens have been renewed", () => {
    const first = codex(codexLogin());
    const renewed = codex(codexLogin({ refresh: "rt_2", refreshed: "2026-02-01T00:00:00Z" }));
    const other = codex(codexLogin({ session: "session-2", refresh: "rt_3" }));
    expect(sharesMark(first.family, renewed.family)).toBe(true);
    expect(isNewer(renewed, first)).toBe(true);
    expect(sharesMark(first.family, other.family)).toBe(false);
    expect(sharesMark(heldMarks(other, first.family), first.family)).toBe(false);
    for (const mark of first.family) expect(isMark(mark)).toBe(true);
    expect(JSON.stringify(first.family)).not.toMatch(/session-1|rt_1/);
  });

  test("tokens without a session are told by who logged in and when", () => {
    const of = (refresh: string, began: number) =>
      codex(
        codexLogin({ refresh, idClaims: { auth_time: began } }).replace(
          /"access_token":"[^"]*"/,
          `"access_token":"${makeToken({ exp: 4e9 })}"`,
        ),
      );
    expect(sharesMark(of("rt_1", 1000).family, of("rt_2", 1000).family)).toBe(true);
    expect(sharesMark(of("rt_1", 1000).family, of("rt_2", 2000).family)).toBe(false);
  });
});

describe("Claude", () => {
  test("only its own login is copied", () => {
    const login = claude(claudeLogin());
    expect(login).toMatchObject({ kind: "oauth", account: "Claude max", expires: 4e12, renewable: true });
    expect(login.content).not.toContain("of-a-server");
    expect(claude(login.content)).toEqual(login);
  });

  test("one that was renewed counts as that which the home was given", () => {
    const given = claude(claudeLogin());
    const renewed = claude(claudeLogin({ refresh: "rt_2", access: "at_2" }));
    expect(sharesMark(renewed.family, given.family)).toBe(false);
    expect(sharesMark(heldMarks(renewed, given.family), given.family)).toBe(true);
  });

  test("a token without another to renew it has no family, and one that was refused is over", () => {
    expect(claude(claudeLogin({ refresh: null })).family).toEqual([]);
    const over = claude(claudeLogin({ access: "", refresh: "", expires: 0 }));
    expect(loginState(over, new Date())).toBe("over");
  });
});

test("the state of a login", () => {
  const now = new Date("2026-06-01T00:00:00Z");
  const ended = now.getTime() / 1000 - 1;
  expect(loginState(codex(codexLogin()), now)).toBe("valid");
  expect(loginState(codex(codexLogin({ expires: ended })), now)).toBe("due");
  expect(loginState(claude(claudeLogin({ refresh: null, expires: ended * 1000 })), now)).toBe("over");
});

describe("hostile text", () => {
  const token = makeToken({ email: "x" });
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["a null", "null"],
    ["a deep list", "[".repeat(60_000)],
    ["a deep object", `{"tokens":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`],
    ["more than a login has", JSON.stringify({ OPENAI_API_KEY: "x".repeat(70_000) })],
    ["a long key", JSON.stringify({ OPENAI_API_KEY: "x".repeat(20_000) })],
    ["a key with a line break", '{"OPENAI_API_KEY":"a\\nb"}'],
    ["a key that is a number", '{"OPENAI_API_KEY":1}'],
    ["a key of a prototype", '{"__proto__":{"OPENAI_API_KEY":"sk-1"}}'],
    ["tokens that are none", `{"tokens":{"id_token":"a","access_token":"b","refresh_token":"c"}}`],
    ["tokens of a prototype", `{"tokens":{"__proto__":{"id_token":"${token}"}}}`],
    ["another kind", '{"auth_mode":"bedrock","OPENAI_API_KEY":"x"}'],
  ])("%s is no login", (_, text) => {
    expect(problem("codex", text)).toBeTypeOf("string");
    expect(problem("claude", text)).toBeTypeOf("string");
  });

  test("a problem never says what is in the file", () => {
    expect(problem("codex", '{"auth_mode":"MARKER","OPENAI_API_KEY":"MARKER"}')).not.toContain("MARKER");
  });

  test("what is shown is short, and without what a terminal acts on", () => {
    const email = `\u001b]0;x\u0007\u202e\u0085a@b.example\n${"z".repeat(500)}`;
    const { account = "" } = codex(codexLogin({ email }));
    expect(account).toMatch(/^\]0;xa@b\.examplez+$/);
    expect(account.length).toBeLessThanOrEqual(200);
  });

  test("times that no clock has are none", () => {
    const login = codex(codexLogin({ expires: 1e300, refreshed: "not a time" }));
    expect(login).toMatchObject({ expires: undefined, refreshed: undefined });
    expect(login.content).not.toContain("last_refresh");
    expect(claude(claudeLogin({ expires: -5 })).expires).toBeUndefined();
  });
});
