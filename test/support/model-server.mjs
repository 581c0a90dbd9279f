/**
 * A stand-in for model servers: OpenAI's Responses API and Anthropic's Messages API over TLS on port 443. It keeps nothing:
 * a line `RUN: <command>` in what the user says is answered with a call of the tool that runs shell commands, a line
 * `MCP: <tool> <JSON>` with a call of that tool of the MCP server `devkit`, several one after the other, everything else
 * with a word; the key in a request says how it is to fail (`…-401`, `-429`, `-500`, `-hang`).
 * Needs /stand/key.pem and /stand/cert.pem; after an empty object, each request is told on stdout as one line of JSON.
 */
import { Buffer } from "node:buffer";
import { createServer } from "node:https";
import { readFileSync } from "node:fs";

const files = { key: readFileSync("/stand/key.pem"), cert: readFileSync("/stand/cert.pem") };
const SAY = "done";
const NO_KEY = {
  error: { message: "Missing bearer or basic authentication in header", type: "invalid_request_error" },
};

createServer(files, (request, response) => {
  response.on("error", () => undefined);
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts).toString();
    const key = keyOf(request.headers);
    const { method, url, headers } = request;
    console.log(JSON.stringify({ host: headers.host, method, url, key, bytes: body.length }));
    answer({ request, response, body, key });
  });
}).listen(443, () => console.log("{}"));

function keyOf(headers) {
  return headers["x-api-key"] ?? headers.authorization?.replace(/^Bearer /, "") ?? "";
}

function answer({ request, response, body, key }) {
  const { pathname } = new URL(request.url, "https://stand");
  if (/\/oauth\/token$/.test(pathname)) return refuseRefresh(response, body);
  if (pathname.endsWith("/v1/messages") || pathname.endsWith("/responses")) {
    const claude = pathname.endsWith("/messages");
    if (key === "") return send(response, 401, NO_KEY);
    const mode = /-(401|429|500|hang)$/.exec(key)?.[1] ?? (key.startsWith("ey") ? "401" : undefined);
    if (mode === "hang") return undefined;
    if (mode !== undefined) return send(response, Number(mode), failure(mode, claude));
    // The first try is a WebSocket.
    if (request.method !== "POST") return send(response, 426, {});
    return claude ? messages(response, JSON.parse(body)) : responses(response, JSON.parse(body));
  }
  return send(response, 404, { error: { message: "not here" } });
}

function failure(mode, claude) {
  const [type, message] = {
    401: [
      claude ? "authentication_error" : "invalid_request_error",
      `wrong key sk-planted-in-answer-12345678`,
    ],
    429: [claude ? "rate_limit_error" : "rate_limit_exceeded", "too many requests"],
    500: [claude ? "api_error" : "server_error", "something broke"],
  }[mode];
  return claude
    ? { type: "error", error: { type, message } }
    : { error: { type, message, code: null, param: null } };
}

function refuseRefresh(response, body) {
  const code = /expired/.test(body) ? "refresh_token_expired" : "refresh_token_invalidated";
  send(response, 401, { error: { message: "the login is over", type: "invalid_request_error", code } });
}

function send(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function stream(response, events) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

/** What the last text of the user that asks for anything asks for, after `done` calls: `{ run }` or `{ tool, input }`. */
function stepIn(texts, done) {
  const asked = texts
    .map((text) => [...text.matchAll(/(RUN|MCP): ([^\n]+)/g)])
    .findLast((all) => all.length > 0);
  const [, kind, words] = asked?.[done] ?? [];
  if (kind === "RUN") return { run: words };
  const [, tool, input] = /^(\S+) *(.*)$/.exec(words ?? "") ?? [];
  return tool === undefined ? undefined : { tool, input: JSON.parse(input || "{}") };
}

const wordItem = {
  type: "message",
  role: "assistant",
  id: "m1",
  content: [{ type: "output_text", text: SAY }],
};
const callItem = (call) => ({ type: "function_call", id: "f1", call_id: "c1", ...call });

/** Codex has the tools of an MCP server in a namespace of its own. */
function mcpItem({ tool, input }) {
  return callItem({ namespace: "mcp__devkit", name: tool, arguments: JSON.stringify(input) });
}

function shellItem({ run }, tools) {
  const name = tools.find((tool) => ["exec_command", "shell_command", "shell"].includes(tool.name))?.name;
  const args = {
    exec_command: { cmd: run, yield_time_ms: 30_000 },
    shell_command: { command: run },
    shell: { command: ["sh", "-c", run] },
  };
  return callItem({ name, arguments: JSON.stringify(args[name]) });
}

function responses(response, { input, tools = [] }) {
  const texts = input.flatMap(({ role, content }) =>
    role === "user" ? [content].flat().map((part) => part?.text ?? String(part)) : [],
  );
  const step = stepIn(texts, input.filter(({ type }) => /_call_output$/.test(type ?? "")).length);
  const item =
    step === undefined ? wordItem : step.run === undefined ? mcpItem(step) : shellItem(step, tools);
  const usage = {
    input_tokens: 1,
    input_tokens_details: null,
    output_tokens: 1,
    output_tokens_details: null,
  };
  stream(response, [
    { type: "response.created", response: { id: "r1" } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { id: "r1", usage: { ...usage, total_tokens: 2 } } },
  ]);
}

function messages(response, { messages: said, tools = [], model, stream: streamed }) {
  const blocks = said.flatMap(({ role, content }) => (role === "user" ? [content].flat() : []));
  const texts = blocks.map((block) => block.text ?? String(block));
  const canRun = tools.some(({ name }) => name === "Bash");
  // The same id again would be the same call to it.
  const done = blocks.filter(({ type }) => type === "tool_result").length;
  const step = canRun ? stepIn(texts, done) : undefined;
  const [name, input] =
    step?.run === undefined
      ? [`mcp__devkit__${step?.tool}`, step?.input]
      : ["Bash", { command: step.run, description: "what was asked for" }];
  const content =
    step === undefined ? { type: "text", text: SAY } : { type: "tool_use", id: `t${done}`, name, input };
  const stop_reason = step === undefined ? "end_turn" : "tool_use";
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "m1", type: "message", role: "assistant", model, stop_sequence: null, usage };
  if (streamed !== true) return send(response, 200, { ...message, content: [content], stop_reason });
  const empty = step === undefined ? { type: "text", text: "" } : { ...content, input: {} };
  const delta =
    step === undefined
      ? { type: "text_delta", text: SAY }
      : { type: "input_json_delta", partial_json: JSON.stringify(input) };
  return stream(response, [
    { type: "message_start", message: { ...message, content: [], stop_reason: null } },
    { type: "content_block_start", index: 0, content_block: empty },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage },
    { type: "message_stop" },
  ]);
}
