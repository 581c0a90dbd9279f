import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { relayAgent } from "../../../../src/app/ssh/relay-agent.js";
import { AGENT_SOCKET_PROGRAM } from "../../../../src/domain/ssh/agent-socket-program.js";
import { encodeFrame } from "../../../../src/domain/ssh/agent-frames.js";
import { wireString } from "../../../../src/domain/ssh/wire.js";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** The program that runs inside, here, with a relay to an ssh agent that answers each message with itself. */
async function start() {
  const got: number[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => {
      if (data.length > 4) got.push(data[4] ?? 0);
      socket.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => server.close());
  const { port } = server.address() as { port: number };
  const connectAgent = async () => {
    const socket = createConnection(port, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  };
  const program = spawn("perl", ["-e", AGENT_SOCKET_PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(program, "exit");
  undo.push(() => program.kill("SIGKILL"));
  const answers = new PassThrough();
  answers.pipe(program.stdin);
  const socket = await new Promise<string>((resolve) => {
    program.stdout.pipe(relayAgent({ connectAgent, answers, onPath: resolve }));
  });
  return { socket, answers, program, ended, got };
}

const request = (type: number, length = 1) =>
  wireString(Buffer.concat([Buffer.from([type]), Buffer.alloc(length - 1)]));

async function ask(socket: string, message: Buffer, length = message.length): Promise<Buffer> {
  const client = createConnection(socket);
  undo.push(() => client.destroy());
  client.write(message);
  let all = Buffer.alloc(0);
  for await (const chunk of client as AsyncIterable<Buffer>) {
    all = Buffer.concat([all, chunk]);
    if (all.length >= length) break;
  }
  return all;
}

test("programs inside are answered, many at once, whatever the size", async () => {
  const { socket } = await start();
  expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
  const messages = Array.from({ length: 20 }, (_, index) => request(13, 1 + index * 12_000));
  const found = await Promise.all(messages.map((message) => ask(socket, message)));
  expect(found.map((one, index) => one.equals(messages[index] ?? Buffer.alloc(0)))).not.toContain(false);
});

test("what would change the user's ssh agent does not reach it", async () => {
  const { socket, got } = await start();
  expect([...(await ask(socket, request(19), 5))]).toEqual([0, 0, 0, 1, 5]);
  expect((await ask(socket, request(11))).equals(request(11))).toBe(true);
  expect(got).toEqual([11]);
});

test("at the end of its input the program leaves nothing", async () => {
  const { socket, answers, ended } = await start();
  await ask(socket, request(11));
  answers.end();
  expect(await ended).toEqual([0, null]);
  expect(existsSync(path.dirname(socket))).toBe(false);
});

test("when a program inside hangs up, so does the relay", async () => {
  const { socket } = await start();
  // More than may be open at once, one after the other.
  for (let index = 0; index < 40; index++) {
    const client = createConnection(socket);
    client.write(request(11));
    await once(client, "data");
    client.destroy();
  }
});

test("a container that floods devkit is cut off", async () => {
  const relay = relayAgent({
    connectAgent: () => Promise.resolve(undefined),
    answers: new PassThrough(),
    onPath: () => undefined,
  });
  const failed = once(relay, "error") as Promise<[Error]>;
  for (let channel = 1; channel <= 40; channel++) relay.write(encodeFrame({ channel, data: request(11) }));
  expect((await failed)[0].message).toMatch(/too many/);
});
