import { connect, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, operationsOf, type Sandbox } from "../support/sandbox.js";

/** Below those that the kernel gives to connections; each run has others, for several may go on at once. */
const BASE = 24_000 + (process.pid % 80) * 100;
const WEB = BASE;
const HALF = BASE + 1;

/**
 * A web server on one loopback address only, as development servers are, and one that answers with how much it was sent
 * once the client has said that this is all.
 */
const SERVER = `
require("http").createServer((q, r) => r.end(q.url === "/big" ? Buffer.alloc(3e7, 7) : "hello")).listen(3000, "127.0.0.1");
require("net").createServer({ allowHalfOpen: true }, (socket) => {
  let bytes = 0;
  socket.on("data", (data) => (bytes += data.length)).on("end", () => socket.end(String(bytes)));
}).listen(5173, "0.0.0.0");
`;

/** Every port of whatever the agent can name, from inside; answers what it could connect to. */
const ATTACK = `
const net = require("net");
const open = [];
const tries = [];
const from = net.createServer().listen(0);
for (const host of ["127.0.0.1", process.argv[1], process.argv[2], process.argv[3]])
  for (const port of process.argv.slice(4)) tries.push({ host, port: Number(port) });
for (const one of ["/devkit/ports/3000", "\\0/devkit/ports/3000"]) tries.push({ path: one });
let left = tries.length;
for (const one of tries) {
  const socket = net.connect(one);
  const end = (what) => { if (what) open.push(what); socket.destroy(); if (--left === 0) { console.log(JSON.stringify(open)); process.exit(); } };
  socket.setTimeout(3000, () => end(JSON.stringify(one) + " timed out"));
  socket.on("connect", () => end(JSON.stringify(one))).on("error", () => end());
}
`;

let box: Sandbox;

const settings = (publish: string) =>
  writeFile(path.join(box.repo, "devkit.toml"), `[ports]\nbase = ${String(BASE)}\npublish = ${publish}\n`);
const up = () => box.json("agent", "up", "1");
const portStates = async () => {
  const document = await box.json("port", "list");
  const { agents } = document.data as { agents: { published: { state: string }[] }[] };
  return agents.flatMap(({ published }) => published.map(({ state }) => state));
};
const get = (port: number, host = "127.0.0.1", at = "/") =>
  fetch(`http://${host}:${String(port)}${at}`, { signal: AbortSignal.timeout(10_000) });
const hello = async () => (await get(WEB)).text();
const forwarders = async () => {
  const { stdout } = await execa("docker", [
    ...[
      "ps",
      "-a",
      "--filter",
      "label=dev.devkit.role=ports",
      "--filter",
      `name=${path.basename(box.repo)}-`,
    ],
    ...["--filter", `label=dev.devkit.root=${box.repo}`, "--format", "{{.ID}}"],
  ]);
  return stdout.split("\n").filter((id) => id !== "");
};
/** Serves until its container stops. */
const serve = async () => {
  await box.devkit("exec", "1", "--", "sh", "-c", "nohup node server.js >/dev/null 2>&1 &");
  await box.until(async () => (await hello().catch(() => "")) === "hello");
};

beforeAll(async () => {
  box = await createSandbox({ name: `web${String(process.pid)}`, files: { "server.js": SERVER } });
  await box.setIdentity();
  await settings("[3000, 5173]");
  expect(await box.devkit("agent", "up", "1")).toMatchObject({ exitCode: 0 });
  await serve();
});

afterAll(() => box.remove());

describe("a published port", () => {
  test("leads to a server in the agent that listens on its loopback, with all it sends", async () => {
    expect(await hello()).toBe("hello");
    expect((await (await get(WEB, "127.0.0.1", "/big")).arrayBuffer()).byteLength).toBe(3e7);
    const { stdout } = await box.devkit("agent", "status", "1");
    expect(stdout).toContain(`3000 → 127.0.0.1:${String(WEB)}\n`);
  });

  test("carries the end of what one side sends without ending the other", async () => {
    const socket = connect({ port: HALF, host: "127.0.0.1", allowHalfOpen: true });
    socket.end(Buffer.alloc(3_000_000));
    expect(await text(socket)).toBe("3000000");
  });

  test("takes hundreds of connections at once", async () => {
    const all = await Promise.all(Array.from({ length: 300 }, hello));
    expect(new Set(all)).toEqual(new Set(["hello"]));
  });

  test("is at the loopback and at no other address of this machine", async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const others = addresses.filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of others)
      await expect(get(WEB, address), address).rejects.toThrow("fetch failed");
    const listening = await readFile("/proc/net/tcp", "utf8");
    const hex = WEB.toString(16).toUpperCase().padStart(4, "0");
    const places = listening.match(new RegExp(`[0-9A-F]{8}:${hex} 00000000:0000 0A`, "g"));
    expect(places).toEqual([`0100007F:${hex} 00000000:0000 0A`]);
  });
});

describe("from inside the agent", () => {
  test("there is nothing to connect to, neither a port nor a socket", async () => {
    const { stdout: id } = await execa("docker", [
      "ps",
      "-q",
      "--filter",
      `name=${path.basename(box.repo)}.*agent-1$`,
    ]);
    const { stdout } = await execa("docker", [
      ...["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id],
    ]);
    const net = stdout.replace(/\d+$/, "");
    const last = Number(stdout.split(".").at(-1));
    const neighbours = [last - 2, last + 1].map((one) => net + String(one));
    const [own = ""] = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4")
      .map(({ address }) => address);
    const ports = [WEB, HALF, 3001, 22, 80, 8888].map(String);
    const attack = await box.devkit("exec", "1", "--", "node", "-e", ATTACK, ...neighbours, own, ...ports);
    expect(attack).toMatchObject({ exitCode: 0, stdout: "[]" });
    const inside = await box.devkit("exec", "1", "--", "sh", "-c", "ls /devkit; cat /proc/mounts");
    expect(inside.stdout).not.toContain("ports");
  });

  test("nothing gets out, as egress test says", async () => {
    expect(await box.devkit("egress", "test", "1")).toMatchObject({ exitCode: 0 });
  });

  test("the variables say what is its own", async () => {
    const { stdout } = await box.devkit("exec", "1", "--", "sh", "-c", 'echo "$PORT $DEVKIT_PORTS"');
    expect(stdout).toBe(`${String(BASE)} ${String(BASE)}-${String(BASE + 9)}`);
  });
});

describe("what forwards it", () => {
  test("has no rights, nothing to write to but its sockets, and is healed when it was killed", async () => {
    const [id = ""] = await forwarders();
    const { stdout } = await execa("docker", ["inspect", id]);
    const [{ HostConfig: host }] = JSON.parse(stdout) as [{ HostConfig: Record<string, unknown> }];
    expect(host).toMatchObject({
      ...{ CapDrop: ["ALL"], CapAdd: null, Privileged: false, ReadonlyRootfs: true },
      SecurityOpt: ["no-new-privileges"],
    });
    await execa("docker", ["kill", id]);
    expect(await portStates()).toEqual(["closed", "closed"]);
    expect(operationsOf(await up())).toEqual(["agent-1 ports.publish"]);
    expect(await hello()).toBe("hello");
  });

  test("is made anew when the settings change, and the agent goes on", async () => {
    await settings("[5173]");
    expect(operationsOf(await up())).toEqual(["agent-1 ports.publish"]);
    await expect(get(HALF)).rejects.toThrow();
    await settings("[3000, 5173]");
    await up();
    expect(await hello()).toBe("hello");
  });

  test("cannot have a port of another program: an error names it, and it is taken over in the end", async () => {
    await settings("[]");
    await up();
    const other: Server = createServer().listen({ port: WEB, host: "127.0.0.1" });
    await once(other, "listening");
    await settings("[3000, 5173]");
    const failed = await up();
    expect(failed).toMatchObject({ exitCode: 1, error: { code: "E_PORT_TAKEN" } });
    expect(failed.error?.message).toContain(`port ${String(WEB)}`);
    expect(await portStates()).toEqual(["taken", "open"]);
    other.close();
    await box.until(async () => (await portStates()).join() === "open,open");
    expect(await hello()).toBe("hello");
    expect(operationsOf(await up())).toEqual([]);
  });

  test("follows a restart of the agent, goes with agent down, and comes back", async () => {
    const [{ id } = { id: "" }] = await box.containers();
    await execa("docker", ["restart", "-t", "0", id]);
    expect(await portStates()).toEqual(["closed", "closed"]);
    expect(operationsOf(await up())).toEqual(["agent-1 network.seal", "agent-1 ports.publish"]);
    await serve();
    expect((await box.devkit("agent", "down", "1")).exitCode).toBe(0);
    expect(await forwarders()).toEqual([]);
    await expect(get(WEB)).rejects.toThrow();
    await up();
    expect(await portStates()).toEqual(["open", "open"]);
  });

  test("goes with the agent, whose ports are free then", async () => {
    const file = path.join(box.env["HOME"] ?? "", ".local/state/devkit/ports.json");
    expect(await readFile(file, "utf8")).toContain(box.repo);
    expect(await box.devkit("agent", "kill", "1", "--force")).toMatchObject({ exitCode: 0 });
    expect(await forwarders()).toEqual([]);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ version: 1, blocks: [] });
  });
});
