import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { formatFrame, HELLO, parseFields } from "../../../src/broker/frames.js";
import { LIMITS } from "../../../src/broker/limits.js";
import { createTestBroker, speak, type TestBroker } from "../support/broker.js";

const frame = (...argv: string[]) => formatFrame(argv.map((arg): [string, string] => ["arg", arg]));
const ask = (...argv: string[]) => Buffer.concat([Buffer.from(HELLO.cmd), frame(...argv)]);

const replyOf = (answer: Buffer) => new Map(parseFields(answer.subarray(4)) ?? []);
const eventsOf = ({ log }: TestBroker) => [
  ...new Set(log.map(({ agent, event }) => `${String(agent)} ${event}`)),
];

/** How long a command of agent-2 takes meanwhile. */
async function timeOther(broker: TestBroker): Promise<number> {
  const beganMs = performance.now();
  const { answer } = speak(broker.socketOf("agent-2"), (to) => to.write(ask("task", "current")));
  expect(replyOf(await answer).get("exit")).toBe("0");
  return performance.now() - beganMs;
}

test.each([
  ["bytes of any kind", (to: Socket) => to.write(randomBytes(200_000))],
  ["another protocol", (to: Socket) => to.write("GET / HTTP/1.1\r\n\r\n")],
  ["another version", (to: Socket) => to.write("cmd 2\n")],
  [
    "a frame of rubbish",
    (to: Socket) => to.write(Buffer.concat([Buffer.from(HELLO.cmd), Buffer.from([0, 0, 0, 3, 1, 2, 3])])),
  ],
  ["two frames", (to: Socket) => to.write(Buffer.concat([ask("status"), frame("status")]))],
])("%s end the connection, and say nothing of the others", async (_, say) => {
  const broker = await createTestBroker();
  const { answer } = speak(broker.socketOf("agent-1"), say);
  expect((await answer).length).toBe(0);
  expect(eventsOf(broker)).toEqual(["agent-1 garbage"]);
  await timeOther(broker);
});

test("half a frame whose sender goes away is logged; a look whether somebody is there is not", async () => {
  const broker = await createTestBroker();
  await speak(broker.socketOf("agent-1"), (to) => to.end()).answer;
  expect(broker.log).toEqual([]);
  await speak(broker.socketOf("agent-1"), (to) => to.end(ask("status").subarray(0, 12))).answer;
  expect(eventsOf(broker)).toEqual(["agent-1 gone"]);
});

test("a length that nobody has is refused before anything of it is kept", async () => {
  const broker = await createTestBroker();
  const head = Buffer.from([0xff, 0xff, 0xff, 0xff]);
  const { answer } = speak(broker.socketOf("agent-1"), (to) =>
    to.write(Buffer.concat([Buffer.from(HELLO.cmd), head])),
  );
  expect(replyOf(await answer).get("exit")).toBe("2");
  expect(eventsOf(broker)).toEqual(["agent-1 too-large"]);
});

test(
  "who takes too long to ask, or never reads the answer, is cut off; neither keeps another agent waiting",
  { timeout: 30_000 },
  async () => {
    const broker = await createTestBroker();
    for (let number = 1; number <= 300; number += 1)
      await broker.addTask(`TSK-${String(number)}`, { description: "x".repeat(9000) });
    const slow = speak(broker.socketOf("agent-1"), (to) => to.write(ask("status").subarray(0, 8)));
    const deaf = speak(broker.socketOf("agent-1"), (to) => {
      to.write(ask("task", "list", "--json"));
      to.pause();
    });
    const beganMs = performance.now();
    await slow.answer;
    expect(performance.now() - beganMs).toBeGreaterThan(LIMITS.requestMs - 500);
    expect(await timeOther(broker)).toBeLessThan(1000);
    await expect
      .poll(() => eventsOf(broker).sort(), { timeout: 10_000 })
      .toEqual(["agent-1 slow", "agent-1 unread"]);
    deaf.connection.destroy();
  },
);

test("more connections than an agent may have are told to come again, however many, and cost no other agent its own", async () => {
  const broker = await createTestBroker();
  const held = Array.from({ length: LIMITS.connections }, () =>
    speak(broker.socketOf("agent-1"), () => undefined),
  );
  await Promise.all(
    held.map(({ connection }) => new Promise((resolve) => connection.once("connect", resolve))),
  );
  let refused = 0;
  for (let round = 0; round < 10; round += 1) {
    const more = Array.from({ length: 100 }, () => speak(broker.socketOf("agent-1"), () => undefined).answer);
    for (const answer of await Promise.all(more)) if (replyOf(answer).has("busy")) refused += 1;
    expect(await timeOther(broker)).toBeLessThan(1000);
  }
  expect(refused).toBe(1000);
  // One line about all of them.
  expect(broker.log).toHaveLength(1);
  for (const { connection } of held) connection.destroy();
  const again = () => broker.client("agent-1", ["task", "current"]).then(({ exitCode }) => exitCode);
  await expect.poll(again).toBe(0);
});

test(
  "a flood of commands is slowed down and then refused; another agent hardly notices",
  { timeout: 30_000 },
  async () => {
    const broker = await createTestBroker();
    for (let number = 1; number <= 200; number += 1) await broker.addTask(`TSK-${String(number)}`);
    let isOver = false;
    let asked = 0;
    const flood = async () => {
      while (!isOver) {
        await speak(broker.socketOf("agent-1"), (to) => to.write(ask("task", "list"))).answer;
        asked += 1;
      }
    };
    const flooding = Array.from({ length: 20 }, flood);
    const times: number[] = [];
    const beganMs = performance.now();
    while (performance.now() - beganMs < 2500) times.push(await timeOther(broker));
    isOver = true;
    await Promise.all(flooding);
    times.sort((a, b) => a - b);
    expect(times[Math.floor(times.length / 2)]).toBeLessThan(1000);
    expect(asked).toBeGreaterThan(100);
    expect(eventsOf(broker).filter((event) => event.startsWith("agent-2"))).toEqual([]);
    expect(eventsOf(broker)).toContain("agent-1 connections");
  },
);

test("the socket of an agent that is gone is closed, one that comes is served, and one that was made again too", async () => {
  const { mkdir, rm } = await import("node:fs/promises");
  const broker = await createTestBroker(["agent-1"]);
  await mkdir(`${broker.base}/sockets/agent-2`);
  await mkdir(`${broker.base}/sockets/..x`);
  await broker.endpoints.rescan();
  expect(await broker.client("agent-2", ["status"])).toMatchObject({ exitCode: 0 });
  await rm(`${broker.base}/sockets/agent-1`, { recursive: true });
  await rm(`${broker.base}/sockets/agent-2`, { recursive: true });
  await mkdir(`${broker.base}/sockets/agent-2`);
  await broker.endpoints.rescan();
  expect(await broker.client("agent-2", ["status"])).toMatchObject({ exitCode: 0 });
  expect(await broker.client("agent-1", ["status"])).toMatchObject({ exitCode: 3 });
});
