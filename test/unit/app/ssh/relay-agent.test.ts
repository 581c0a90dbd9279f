import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import path from "node:path";
import { Duplex, PassThrough } from "node:stream";
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

/** What the relay sees of the user's ssh agent, which answers each request with so many bytes. */
function generousAgent(bytes: number) {
  let given = 0;
  const agent = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += 5) {
        given += bytes;
        this.push(Buffer.alloc(bytes));
      }
      setImmediate(done);
    },
  });
  return { agent, given: () => given };
}

test("a container that asks much and reads nothing fills no memory", async () => {
  const { agent } = generousAgent(10_000);
  const answers = new PassThrough();
  const relay = relayAgent({
    connectAgent: () => Promise.resolve(agent),
    answers,
    onPath: () => undefined,
  });
  undo.push(() => relay.destroy());
  const many = Buffer.concat(Array.from({ length: 2000 }, () => request(11)));
  for (let frame = 0; frame < 5; frame++) relay.write(encodeFrame({ channel: 1, data: many }));
  await once(agent, "pause");
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(answers.writableLength + answers.readableLength).toBeLessThan(2 * 1024 * 1024);
});

test("an ssh agent that is reached only after the end is left again", async () => {
  const { agent } = generousAgent(1);
  let reach: (found: Duplex) => void = () => undefined;
  const relay = relayAgent({
    connectAgent: () => new Promise((resolve) => (reach = resolve)),
    answers: new PassThrough(),
    onPath: () => undefined,
  });
  relay.write(encodeFrame({ channel: 1, data: request(11) }));
  relay.destroy();
  reach(agent);
  await once(agent, "close");
});
