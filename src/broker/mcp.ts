import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import type { McpSession, RunRequest } from "./endpoint-server.js";
import { LIMITS } from "./limits.js";
import { readAnswer } from "./mcp-answer.js";
import { MCP_TOOLS, type McpTool } from "./mcp-tools.js";
import { createMcpTransport } from "./mcp-transport.js";
import type { RefusalLog } from "./refusal-log.js";

export interface McpOptions {
  readonly version: string;
  /** Runs commands of the endpoint. */
  readonly run: RunRequest;
  readonly log: RefusalLog;
}

/** Tools in one session that may run at once; the rest waits where it is. */
const MAX_OPEN = 8;

const INSTRUCTIONS = [
  "The pool of tasks that all coding agents of this repository, and their user, share. You act as yourself only.",
  "Begin work with task_next {start: true}, or task_start for a task you were given; task_current says what you work on.",
  "Leave notes with task_note, commit your work, then task_done; what you cannot finish give back with task_release.",
  "A task that somebody else has is theirs: take another one. A `notice` in a result is from the user: heed it.",
].join(" ");

/** Serves the pool as tools to the agent whose session it is; resolves when the session is over. */
export function createMcp(options: McpOptions): (session: McpSession) => Promise<void> {
  return async (session) => {
    const { agent, input, output } = session;
    const server = new McpServer(
      { name: "devkit", title: "devkit: the task pool", version: options.version },
      { instructions: INSTRUCTIONS },
    );
    for (const tool of MCP_TOOLS) {
      const { name, description, input: inputSchema, readOnly } = tool;
      const annotations = { readOnlyHint: readOnly, destructiveHint: false, openWorldHint: false };
      server.registerTool(name, { description, inputSchema, annotations }, (given) =>
        call(options, session, tool, given),
      );
    }
    const ended = new Promise<void>((resolve) => {
      server.server.onclose = resolve;
    });
    const onRefused = (detail: string) => {
      options.log.note(agent, "too-large", detail);
    };
    const limits = { maxBytes: LIMITS.requestBytes, maxOpen: MAX_OPEN };
    await server.connect(createMcpTransport({ input, output, ...limits, onRefused }));
    await ended;
  };
}

async function call(
  { run }: McpOptions,
  { agent, gate }: McpSession,
  tool: McpTool,
  given: Readonly<Record<string, unknown>>,
): Promise<CallToolResult> {
  const argv = ["--json", ...tool.argv(given)];
  const request = { argv, cwd: "/", branch: undefined, files: {}, input: undefined, changed: undefined };
  const reply = await gate.run(() => run(agent, request));
  return readAnswer(tool.name, given, reply);
}
