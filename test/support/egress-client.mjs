// Runs in the containers of the egress tests: `node egress-client.mjs <role> <args…>`, one JSON value per line of output.
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { clearTimeout, setTimeout } from "node:timers";
import { setTimeout as pause } from "node:timers/promises";

const [role, ...args] = process.argv.slice(2);
const proxy = { host: process.env.PROXY, port: 8888 };
const say = (value) => console.log(JSON.stringify(value));

/** Sends a request to the proxy: status, first line and body of its answer; the socket stays open after a 200. */
function ask(request, to = proxy) {
  return new Promise((resolve) => {
    const socket = connect(to);
    let text = "";
    const done = (extra) => {
      socket.removeAllListeners("data");
      const [head = "", body = ""] = text.split(/\r\n\r\n/, 2);
      resolve({ socket, status: Number(/^HTTP\/1\.\d (\d+)/.exec(head)?.[1] ?? 0), head, body, ...extra });
    };
    socket.setTimeout(8000, () => socket.destroy(new Error("timeout")));
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (/^HTTP\/1\.\d 200 [^]*\r\n\r\n/.test(text)) done({});
    });
    socket.on("error", (error) => done({ error: error.code ?? error.message }));
    socket.on("close", () => done({}));
  });
}

const open = (target) => ask(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);

/** Whether what is sent into a tunnel comes back out of it. */
function echoes(socket) {
  return new Promise((resolve) => {
    const word = `ping-${Math.random()}\n`;
    let text = "";
    const end = setTimeout(() => finish(false), 5000);
    const finish = (answer) => {
      clearTimeout(end);
      socket.removeAllListeners("data");
      resolve(answer);
    };
    socket.on("data", (chunk) => {
      text += chunk.toString();
      if (text === word) finish(true);
    });
    socket.on("close", () => finish(false));
    socket.write(word);
  });
}

/** Waits for lines on standard input and answers each. */
async function serve(answer) {
  for await (const line of createInterface({ input: process.stdin })) say(await answer(line));
  process.exit();
}

function question(name, type) {
  const labels = name.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([
    Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...labels,
    Buffer.from([0, 0, type, 0, 1]),
  ]);
}

const roles = {
  /** Everything on port 443 comes back. */
  internet() {
    createServer((socket) => {
      socket.on("error", () => {});
      socket.pipe(socket);
    }).listen(443, "0.0.0.0", () => say("ready"));
  },
  async connect(target) {
    const { socket, ...answer } = await open(target);
    say({ ...answer, echo: answer.status === 200 && (await echoes(socket)) });
    process.exit();
  },
  async raw(base64, host) {
    const { socket, ...answer } = await ask(
      Buffer.from(base64, "base64"),
      host ? { host, port: 8888 } : proxy,
    );
    socket.destroy();
    say(answer);
    process.exit();
  },
  dns(name, type = "1") {
    const socket = createSocket("udp4");
    const started = performance.now();
    const answer = (value) => {
      say({ ...value, ms: Math.round(performance.now() - started) });
      process.exit();
    };
    const query = question(name, Number(type));
    socket.on("message", (message) => {
      const count = message.readUInt16BE(6);
      const tail = message.subarray(query.length);
      const addresses = Number(type) === 1 && count === 1 ? [...tail.subarray(12, 16)].join(".") : "";
      answer({ rcode: message[3] & 15, count, addresses });
    });
    socket.send(query, 53, process.env.PROXY);
    setTimeout(answer, 5000, { rcode: -1 });
  },
  /** Asks again and again until the status is this one: when that was. */
  async until(target, status) {
    for (let tries = 1; ; tries++) {
      const answer = await open(target);
      answer.socket.destroy();
      if (answer.status === Number(status)) {
        say({ at: Date.now(), tries });
        process.exit();
      }
      await pause(10);
    }
  },
  /** Opens many tunnels at once and answers each line with how many of them still work. */
  async tunnels(target, count) {
    const started = performance.now();
    const all = await Promise.all(Array.from({ length: Number(count) }, () => open(target)));
    const live = all.filter(({ status }) => status === 200).map(({ socket }) => socket);
    for (const socket of live) socket.setTimeout(0);
    const lost = [
      ...new Set(all.filter(({ status }) => status !== 200).map(({ status, error }) => `${status} ${error}`)),
    ];
    say({ live: live.length, lost, ms: Math.round(performance.now() - started) });
    await serve(async () => {
      const echoed = await Promise.all(live.map((socket) => echoes(socket)));
      return { live: echoed.filter(Boolean).length };
    });
  },
  /** Requests that never end. */
  async slow(count) {
    const sockets = Array.from({ length: Number(count) }, () => connect(proxy));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
    for (const socket of sockets) socket.on("error", () => {}).write("CONNECT half-se");
    say({ open: sockets.length });
    await serve(() => ({ open: sockets.filter(({ destroyed }) => !destroyed).length }));
  },
  /** Different targets, one after another, eight at a time. */
  async flood(count) {
    let next = 0;
    const worker = async () => {
      while (next < Number(count))
        await open(`${"x".repeat(200)}${next++}.test:443`).then(({ socket }) => socket.destroy());
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    say({ sent: next });
    process.exit();
  },
};

await roles[role](...args);
