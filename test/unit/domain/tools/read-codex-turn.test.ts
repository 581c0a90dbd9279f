import { describe, expect, test } from "vitest";
import { readCodexTurn } from "../../../../src/domain/tools/read-codex-turn.js";
import { isLasting } from "../../../../src/domain/tools/turn.js";

/** What codex 0.169.0 printed on stdout and stderr, shortened; `again` is the same with another number many times. */
const STARTED = ['{"type":"thread.started","thread_id":"01a20308"}', '{"type":"turn.started"}'];
const again = (why: string) => JSON.stringify({ type: "error", message: `Reconnecting... 2/5 (${why})` });
const failed = (message: string) => JSON.stringify({ type: "turn.failed", error: { message } });
const MODELS =
  "2026-11-22T11:33:24.571359Z ERROR codex_models_manager::manager: failed to refresh available models: unexpected status 401 Unauthorized: no, url: https://chatgpt.com/backend-api/codex/models";
const refresh = (why: string) =>
  `2026-11-22T11:37:37.867495Z ERROR codex_login::auth::manager: Failed to refresh token: Your access token could not be refreshed because ${why}. Please log out and sign in again.`;
const read = (...lines: string[]) => readCodexTurn([...STARTED, ...lines, ""].join("\n"));

test("an answer, with the model of its log, whatever went wrong on the way", () => {
  const turn = readCodexTurn(
    [
      "Reading additional input from stdin...",
      MODELS,
      '2026-11-22T11:42:53Z  INFO codex_otel.log_only: event.name="codex.api_request" model=gpt-6.1-sol slug=gpt-6.1-sol',
      ...STARTED,
      again("stream disconnected before completion"),
      '{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"done"}}',
      '{"type":"turn.completed","usage":{"input_tokens":1}}',
    ].join("\n"),
  );
  expect(turn).toEqual({
    answered: true,
    model: "gpt-6.1-sol",
    fault: undefined,
    said: undefined,
    asked: true,
  });
});

describe("a fault is told by codex's own words", () => {
  const JSON_401 =
    'unexpected status 401 Unauthorized: 77\r\n{"error":{"type":"invalid_request_error","message":"wrong key","code":null}}\r\n0, url: wss://api.openai.com/v1/responses';
  test.each([
    ["refused", [again(JSON_401)], "unexpected status 401 Unauthorized: wrong key"],
    [
      "no-login",
      [again("unexpected status 401 Unauthorized: Missing bearer or basic authentication in header")],
      /Missing/,
    ],
    ["limit", [failed("exceeded retry limit, last status: 429 Too Many Requests")], /429/],
    [
      "server",
      [failed("We’re currently experiencing high demand, which may cause temporary errors.")],
      /high demand/,
    ],
    [
      "expired",
      [refresh("your refresh token has expired"), failed("workspace routing discovery failed")],
      /expired/,
    ],
    [
      "revoked",
      [refresh("your refresh token was revoked"), failed("workspace routing discovery failed")],
      /revoked/,
    ],
    [
      "authority",
      [
        again("stream disconnected before completion: invalid peer certificate: UnknownIssuer"),
        '{"type":"error","message":"Reconnecting... waiting for network (Connection failed: error sending request)"}',
      ],
      /UnknownIssuer$/,
    ],
    [
      "denied",
      [
        again(
          "stream disconnected before completion: URL error: Proxy connection failed: HTTP CONNECT failed with status 403",
        ),
        '{"type":"item.completed","item":{"id":"item_0","type":"error","message":"Falling back from WebSockets to HTTPS transport. x"}}',
      ],
      /status 403$/,
    ],
    [
      "unreachable",
      [
        '{"type":"error","message":"Reconnecting... waiting for network (Connection failed: error sending request)"}',
      ],
      /error sending request/,
    ],
    ["other", [failed("something new")], "something new"],
  ] as const)("%s", (fault, lines, said) => {
    const turn = read(MODELS, ...lines);
    expect(turn).toMatchObject({ answered: false, fault, asked: true });
    if (typeof said === "string") expect(turn.said).toBe(said);
    else expect(turn.said).toMatch(said);
  });

  test("a list of models that could not be had is none", () => {
    expect(read(MODELS)).toEqual({
      answered: false,
      model: undefined,
      fault: undefined,
      said: undefined,
      asked: true,
    });
    expect(readCodexTurn("")).toMatchObject({ fault: undefined, asked: false });
  });

  test("a line that is cut, or no JSON, is passed over", () => {
    expect(read('{"type":"err', "{no json}", failed("x"))).toMatchObject({ fault: "other", said: "x" });
  });
});

test("only what no further attempt would change ends a turn early", () => {
  const lasting = (...lines: string[]) => isLasting(read(...lines));
  expect(lasting(again("unexpected status 401 Unauthorized: no"))).toBe(true);
  expect(lasting(again("x: HTTP CONNECT failed with status 403"))).toBe(true);
  expect(lasting(again("We’re currently experiencing high demand"))).toBe(false);
  expect(lasting(again("401 Unauthorized"), '{"type":"turn.completed"}')).toBe(false);
});

test("however long a message is, reading it takes no time", () => {
  const turn = read(failed(`unexpected status 401 Unauthorized: ${"a".repeat(1_000_000)}`));
  expect(turn.fault).toBe("refused");
}, 5000);
