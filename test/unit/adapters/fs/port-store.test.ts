import { createServer } from "node:net";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { once } from "node:events";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createPortStore } from "../../../../src/adapters/fs/port-store.js";
import type { PortStore } from "../../../../src/app/ports-ports.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { forwarderDir, projectOf, type Project } from "../../../../src/domain/identity/project.js";
import { bundleProgram, startProgram } from "../../support/child.js";
import { tempDir } from "../../support/temp.js";

let stateHome: string;
let project: Project;
let store: PortStore;
let file: string;

beforeEach(async () => {
  stateHome = await tempDir();
  project = projectOf({ root: "/src/demo", commonDir: "/src/demo/.git", stateHome });
  const progress = { warn: () => undefined };
  store = createPortStore({ project, progress, signal: new AbortController().signal });
  file = path.join(stateHome, "devkit/ports.json");
});

const block = { first: 20_000, size: 10, project: "demo-1", agent: "agent-1", root: "/src/demo" };
const add = () => store.change((all) => Promise.resolve({ blocks: [...all, block], answer: all.length }));

describe("the registry of a user's ports", () => {
  test("is empty, then what was written, readable by its user alone", async () => {
    expect(await store.load()).toEqual([]);
    expect(await add()).toBe(0);
    expect(await store.load()).toEqual([block]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(path.dirname(file))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("is not written when nothing changes, nor when the work fails", async () => {
    await add();
    const before = await stat(file);
    await store.change((blocks) => Promise.resolve({ blocks, answer: undefined }));
    await store.change(() => Promise.reject(new Error("no"))).catch(() => undefined);
    expect((await stat(file)).ino).toBe(before.ino);
  });

  test.each(["", "{", '{"version":1}', "\u0000"])(
    "that is broken is named, and left as it is: %j",
    async (text) => {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
      const expected = { code: "E_PORT_REGISTRY", hint: expect.stringContaining(`mv ${file} `) as unknown };
      await expect(store.load()).rejects.toMatchObject(expected);
      await expect(add()).rejects.toMatchObject(expected);
      expect(await readFile(file, "utf8")).toBe(text);
    },
  );

  test("gives sixteen devkits of sixteen projects at once no port twice, though some are killed", async () => {
    const program = await bundleProgram(path.join(import.meta.dirname, "port-program.ts"));
    const children = Array.from({ length: 20 }, (_, index) =>
      startProgram(program, stateHome, `p${String(index)}`, index % 5 === 0 ? "die" : "live"),
    );
    const ends = await Promise.all(children.map(({ ended }) => ended));
    expect(ends).toEqual(children.map((_, index) => (index % 5 === 0 ? "SIGKILL" : 0)));
    const given = children.flatMap(({ lines }) => lines).sort();
    const expected = Array.from({ length: 32 }, (_, index) => 20_000 + index * 10);
    expect(given).toEqual(expected.map((first) => `${String(first)}-${String(first + 9)}`));
    expect((await store.load()).map(({ first }) => first)).toEqual(expected);
  });
});

describe("what forwards an agent's ports", () => {
  const agent = agentAt(1);

  test("says what it listens on in a directory that is empty at first, and gone at last", async () => {
    await store.prepareForwarder(agent);
    expect(await store.readForwarder(agent)).toBeUndefined();
    const state = path.join(forwarderDir(project, agent), "state");
    await writeFile(state, "20000 open\n20001 taken\nnonsense\n");
    expect(await store.readForwarder(agent)).toEqual(
      new Map([
        [20_000, "open"],
        [20_001, "taken"],
      ]),
    );
    await store.prepareForwarder(agent);
    expect(await store.readForwarder(agent)).toBeUndefined();
    await store.removeForwarder(agent);
    await store.removeForwarder(agent);
    expect(await readdir(path.join(project.stateDir, "ports"))).toEqual([]);
  });
});

test("a port is free when no program listens on it, on the loopback or everywhere", async () => {
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    const server = createServer().listen({ port: 0, host });
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    expect(await store.isFree(port)).toBe(false);
    server.close();
    await once(server, "close");
    expect(await store.isFree(port)).toBe(true);
  }
});
