import { execa, type Options } from "execa";
import { mkdir, writeFile } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import path from "node:path";
import { onTestFinished } from "vitest";
import { createBrokerDeps } from "../../../src/broker/deps.js";
import { createDispatch } from "../../../src/broker/dispatch.js";
import { createEndpoints, type Endpoints } from "../../../src/broker/endpoints.js";
import type { McpSession } from "../../../src/broker/endpoint-server.js";
import { createNotices } from "../../../src/broker/notices.js";
import { createRefusalLog, type LogLine } from "../../../src/broker/refusal-log.js";
import { BROKER_TABLE } from "../../../src/broker/table.js";
import { formatEndpointSettings } from "../../../src/domain/endpoint/settings-file.js";
import { tempDir } from "./temp.js";

export const CLIENT = path.resolve(import.meta.dirname, "../../../docker/client/devkit");

/** A broker of this process over a pool in a directory, with endpoints for these agents. */
export interface TestBroker {
  readonly pool: string;
  readonly base: string;
  readonly log: LogLine[];
  readonly endpoints: Endpoints;
  socketOf(agent: string): string;
  addTask(id: string, more?: object): Promise<void>;
  /** Runs the client that agents have. */
  client(agent: string, args: readonly string[], options?: Options): Promise<Said>;
}

export interface Said {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export async function createBrokerPlaces(agents: readonly string[]): Promise<{ pool: string; base: string }> {
  const root = await tempDir();
  const [pool, base] = [path.join(root, "p"), path.join(root, "b")];
  for (const name of ["refs/tasks", "locks/tasks"]) await mkdir(path.join(pool, name), { recursive: true });
  for (const name of ["config", "notices", ...agents.map((agent) => `sockets/${agent}`)])
    await mkdir(path.join(base, name), { recursive: true });
  const settings = {
    ...{ host: "here", prefix: "TSK", leaseMs: 3_600_000, roster: new Map([["bob", 3]]) },
    ...{ topics: { api: "what clients see" }, checks: ['docs block "src/**" Say why'] },
    checksOf: new Map([["agent-2", []]]),
  };
  await writeFile(path.join(base, "config/settings.json"), formatEndpointSettings(settings));
  return { pool, base };
}

export async function createTestBroker(
  agents: readonly string[] = ["agent-1", "agent-2"],
  serveMcp?: (session: McpSession) => Promise<void>,
): Promise<TestBroker> {
  const { pool, base } = await createBrokerPlaces(agents);
  const lines: LogLine[] = [];
  const log = createRefusalLog((line) => lines.push(line));
  const { signal } = new AbortController();
  const depsOf = createBrokerDeps({ pool, base }, log, signal);
  const takeNotice = createNotices(path.join(base, "notices"));
  const run = createDispatch({ table: BROKER_TABLE, depsOf, takeNotice, log });
  const endpoints = createEndpoints({ base, log, run, serveMcp });
  await endpoints.rescan();
  onTestFinished(() => endpoints.close());
  const socketOf = (agent: string) => path.join(base, "sockets", agent, "sock");
  return {
    ...{ pool, base, log: lines, endpoints, socketOf },
    addTask: (id, more = {}) => addTask(pool, id, more),
    client: (agent, args, options = {}) => runClient(socketOf(agent), args, options),
  };
}

export async function addTask(pool: string, id: string, more: object = {}): Promise<void> {
  const task = { title: `do ${id}`, status: "pending", priority: "p1", created_at: "2026-01-01T00:00:00Z" };
  await writeFile(path.join(pool, "refs/tasks", id), JSON.stringify({ ...task, ...more }));
}

export async function runClient(
  socket: string,
  args: readonly string[],
  options: Options = {},
): Promise<Said> {
  const env = { DEVKIT_SOCKET: socket };
  const { exitCode, stdout, stderr } = await execa(CLIENT, args, {
    reject: false,
    env,
    cwd: "/",
    ...options,
  });
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
}

/** A connection of an agent that keeps to no rule; resolves with all that came when it is over. */
export function speak(
  socket: string,
  say: (connection: Socket) => void,
): { readonly connection: Socket; readonly answer: Promise<Buffer> } {
  const connection = createConnection(socket);
  const chunks: Buffer[] = [];
  const answer = new Promise<Buffer>((resolve) => {
    connection.on("data", (chunk) => chunks.push(chunk));
    connection.on("error", () => undefined);
    connection.on("close", () => {
      resolve(Buffer.concat(chunks));
    });
  });
  connection.on("connect", () => {
    say(connection);
  });
  return { connection, answer };
}
