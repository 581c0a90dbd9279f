import { describe, expect, test } from "vitest";
import { isClaudeLoginOver } from "../../../../src/domain/tools/claude-login.js";
import { readClaudeTurn } from "../../../../src/domain/tools/read-claude-turn.js";

/** What Claude Code 2.1.330 printed, without what is not read. */
const result = (fields: object) =>
  `${JSON.stringify({ stop_reason: "stop_sequence", modelUsage: {}, is_error: true, subtype: "success", api_error_status: null, type: "result", ...fields })}\n`;

test("an answer, with its model", () => {
  const output = result({
    is_error: false,
    result: "done",
    modelUsage: { "claude-opus-5-5": { inputTokens: 1 } },
  });
  expect(readClaudeTurn(output)).toEqual({
    ...{ answered: true, model: "claude-opus-5-5", fault: undefined, said: undefined, asked: true },
  });
});

test("a model's name is text of others, and safe to print", () => {
  const name = `\u001b]0;x\u0007\u009b${"m".repeat(1000)}`;
  const { model } = readClaudeTurn(result({ is_error: false, modelUsage: { [name]: {} } }));
  expect(model).toMatch(/^·]0;x··m{93}$/);
});

describe("a fault is told by its own words", () => {
  test.each([
    ["no-login", { result: "Not logged in · Please run /login" }],
    ["refused", { api_error_status: 401, result: "Failed to authenticate. API Error: 401 wrong key" }],
    ["revoked", { api_error_status: 403, result: "OAuth token revoked · Please run /login" }],
    ["expired", { api_error_status: 401, result: "OAuth token has expired. Please run /login" }],
    ["limit", { api_error_status: 429, result: "API Error: Request rejected (429) · too many requests" }],
    [
      "server",
      { api_error_status: 500, result: "API Error: 500 something broke. This is a server-side issue" },
    ],
    ["server", { api_error_status: 529, result: "API Error: Repeated 529 Overloaded errors" }],
    [
      "denied",
      {
        api_error: "connection_failed",
        result:
          "API Error: Couldn't connect through your proxy (ERR_PROXY_TUNNEL) — the proxy refused the tunnel",
      },
    ],
    [
      "authority",
      {
        api_error: "tls_untrusted_ca",
        result:
          "API Error: Unable to connect to API: SSL certificate verification failed (UNABLE_TO_VERIFY_LEAF_SIGNATURE).",
      },
    ],
    [
      "unreachable",
      {
        api_error: "connection_failed",
        result: "API Error: Can't reach the API server — check your internet or DNS (EAI_AGAIN)",
      },
    ],
    ["silent", { result: "Request timed out. If the API is slow to answer, set API_TIMEOUT_MS above 5000." }],
    ["other", { result: "Something new" }],
  ] as const)("%s", (fault, fields) => {
    expect(readClaudeTurn(result(fields))).toMatchObject({ answered: false, fault, said: fields.result });
  });

  test("also where it has no result", () => {
    expect(readClaudeTurn("")).toMatchObject({ fault: undefined, said: undefined, asked: true });
    expect(readClaudeTurn("Segmentation fault\n")).toMatchObject({
      fault: undefined,
      said: "Segmentation fault",
    });
  });
});

test("a login is over when its time is, and not where none is named", () => {
  const login = (expiresAt: number) => JSON.stringify({ claudeAiOauth: { accessToken: "x", expiresAt } });
  expect(isClaudeLoginOver(login(1_700_000_000_000), 1_700_000_000_001)).toBe(true);
  expect(isClaudeLoginOver(login(1_700_000_000_000), 1_699_999_999_999)).toBe(false);
  expect(isClaudeLoginOver("{}", 1)).toBe(false);
  expect(isClaudeLoginOver(undefined, 1)).toBe(false);
});
