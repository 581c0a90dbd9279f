import { chmod, rename, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { ERROR_CODES } from "../base/error-codes.js";
import { createAgentGate, type AgentGate } from "./agent-gate.js";
import { formatReply, parseRequest, type EndpointReply, type EndpointRequest } from "./frames.js";
import { LIMITS } from "./limits.js";
import { readRequest } from "./read-request.js";
import type { RefusalLog } from "./refusal-log.js";

/** Runs one command of an agent; resolves with what it would have printed. */
export type RunRequest = (agent: string, request: EndpointRequest) => Promise<EndpointReply>;

/** A session of MCP: lasts until its input ends. */
export interface McpSession {
  readonly agent: string;
  readonly input: Readable;
  readonly output: Writable;
  /** Each call goes through it: tools cost the same as commands. */
  readonly gate: AgentGate;
}

export interface EndpointOptions {
  readonly agent: string;
  /** Where its socket goes; nobody else's directory. */
  readonly directory: string;
  readonly log: RefusalLog;
  readonly run: RunRequest;
  /** Undefined: nobody speaks it. */
  readonly serveMcp?: ((session: McpSession) => Promise<void>) | undefined;
}

export interface Endpoint {
  close(): Promise<void>;
}

/** The socket in an agent's directory. */
export const SOCKET = "sock";

/** Serves one agent: whoever connects to its socket is that agent, whatever they say. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const open = new Set<Socket>();
  const serve = createServe(options, open);
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: false }, (socket) => {
    open.add(socket);
    // One that breaks ends, which its reader sees.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => open.delete(socket));
    serve(socket);
  });
  server.on("error", (error) => {
    options.log.note(options.agent, "error", error.message);
  });
  await listen(server, options.directory);
  return {
    async close() {
      await rm(path.join(options.directory, SOCKET), { force: true });
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** Under another name first: a client finds the socket of before, or one that answers. */
async function listen(server: Server, directory: string): Promise<void> {
  const staged = path.join(directory, ".sock");
  await rm(staged, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(staged, () => {
      server.off("error", reject);
      resolve();
    });
  });
  await chmod(staged, 0o600);
  await rename(staged, path.join(directory, SOCKET));
}

function createServe(options: EndpointOptions, open: ReadonlySet<Socket>): (socket: Socket) => void {
  const { agent, log } = options;
  const gate = createAgentGate();
  const sessions = new Set<Socket>();
  return (socket) => {
    if (open.size - sessions.size > LIMITS.connections) {
      log.note(agent, "connections", `more than ${String(LIMITS.connections)} at once`);
      void answer(socket, refusal("too many commands at once; try again", true), options);
      return;
    }
    void serveOne(socket, options, gate, sessions).catch((error: unknown) => {
      log.note(agent, "error", error instanceof Error ? error.message : String(error));
      socket.destroy();
    });
  };
}

async function serveOne(
  socket: Socket,
  options: EndpointOptions,
  gate: AgentGate,
  sessions: Set<Socket>,
): Promise<void> {
  const { agent, log, run } = options;
  const incoming = await readRequest(socket);
  if (incoming.kind === "mcp") {
    await serveSession(socket, incoming.rest, options, gate, sessions);
    return;
  }
  if (incoming.kind === "refused") {
    // Whoever only looks whether somebody is there says nothing.
    if (incoming.event !== "gone" || !incoming.detail.startsWith("ended after 0"))
      log.note(agent, incoming.event, incoming.detail);
    if (incoming.event === "too-large")
      await answer(socket, refusal("what the command sends is too large for the endpoint"), options);
    else socket.destroy();
    return;
  }
  const request = parseRequest(incoming.body);
  if (request === undefined) {
    log.note(agent, "garbage", "a frame without fields");
    socket.destroy();
    return;
  }
  // The turn is over when the reply has been read: what waits to be read is at most one for each agent.
  const served = await gate.run(async () => {
    await answer(socket, await run(agent, request), options);
    return true;
  });
  if (served === true) return;
  log.note(agent, "rate", `more than ${String(LIMITS.rate)} commands a second`);
  await answer(socket, refusal("too many commands; try again", true), options);
}

async function serveSession(
  socket: Socket,
  rest: Buffer,
  options: EndpointOptions,
  gate: AgentGate,
  sessions: Set<Socket>,
): Promise<void> {
  const { agent, log, serveMcp } = options;
  if (serveMcp === undefined || sessions.size >= LIMITS.sessions) {
    log.note(agent, "sessions", serveMcp === undefined ? "none are served" : "too many at once");
    socket.destroy();
    return;
  }
  sessions.add(socket);
  try {
    const input = new PassThrough();
    input.write(rest);
    socket.pipe(input);
    socket.on("close", () => input.end());
    await serveMcp({ agent, input, output: socket, gate });
    await finish(socket, "", options);
  } finally {
    sessions.delete(socket);
    socket.destroy();
  }
}

function refusal(why: string, busy = false): EndpointReply {
  const { exitCode } = busy ? ERROR_CODES.E_ENDPOINT : ERROR_CODES.E_USAGE;
  return { exitCode, stdout: "", stderr: `error: ${why}\n`, write: {}, busy };
}

function answer(socket: Socket, reply: EndpointReply, options: EndpointOptions): Promise<void> {
  return finish(socket, formatReply(reply), options);
}

/** Ends when this, and what was sent before, has been sent; whoever does not read it is cut off. */
function finish(socket: Socket, bytes: string | Buffer, { agent, log }: EndpointOptions): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      log.note(agent, "unread", "a reply was not read");
      socket.destroy();
    }, LIMITS.replyMs);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    if (socket.destroyed) {
      clearTimeout(timer);
      resolve();
      return;
    }
    if (!socket.writableEnded) socket.write(bytes);
    socket.end(() => socket.destroy());
  });
}
