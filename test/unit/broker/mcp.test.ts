import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { createAgentGate } from "../../../src/broker/agent-gate.js";
import { createBrokerDeps } from "../../../src/broker/deps.js";
import { createDispatch } from "../../../src/broker/dispatch.js";
import { LIMITS } from "../../../src/broker/limits.js";
import { createMcp } from "../../../src/broker/mcp.js";
import { createRefusalLog, type LogLine } from "../../../src/broker/refusal-log.js";
import { BROKER_TABLE } from "../../../src/broker/table.js";
import { createTaskStore } from "../../../src/adapters/fs/task-store.js";
import { addTask } from "../../../src/app/tasks/add-task.js";
import { createActivityStore } from "../../../src/adapters/fs/activity-store.js";
import { tempDir } from "../support/temp.js";

type Json = Record<string, unknown>;

interface Talk {
  readonly input: PassThrough;
  ask(method: string, params?: Json): Promise<Json>;
  call(tool: string, args?: Json): Promise<{ isError?: boolean; text: string; data: Json }>;
  readonly over: Promise<void>;
}

let pool: string;
let base: string;
let lines: LogLine[];
let notices: Map<string, string>;
let talk: (agent: string) => Talk;
let run: ReturnType<typeof createDispatch>;

beforeEach(async () => {
  const dir = await tempDir();
  [pool, base] = [path.join(dir, "pool"), path.join(dir, "broker")];
  await mkdir(path.join(base, "config"), { recursive: true });
  await mkdir(path.join(pool, "locks"), { recursive: true });
  await writeFile(
    path.join(base, "config/settings.json"),
    JSON.stringify({ host: "here", prefix: "TSK", lease_ms: 60_000 }),
  );
  lines = [];
  notices = new Map();
  const log = createRefusalLog((line) => void lines.push(line));
  const { signal } = new AbortController();
  const takeNotice = (agent: string) => {
    const text = notices.get(agent);
    notices.delete(agent);
    return text;
  };
  const depsOf = createBrokerDeps({ pool, base }, log, signal);
  run = createDispatch({ table: BROKER_TABLE, depsOf, takeNotice, log });
  const serve = createMcp({ version: "1.2.3", run, log });
  talk = (agent) => begin(serve, agent);
  await addTasks("Fix it", "Write it down", "Third");
});

async function addTasks(...titles: string[]): Promise<void> {
  const project = {
    ...{ id: "", name: "", root: pool, commonDir: pool, devkitDir: pool, stateDir: base },
    ...{ places: { layout: "nested" as const, found: new Map() }, roster: new Map() },
  };
  const progress = { warn: () => undefined };
  const store = createTaskStore({ project, progress, signal: new AbortController().signal });
  const rest = {
    running: () => Promise.resolve(undefined),
    findBranch: () => undefined,
    local: () => undefined,
    host: "here",
  };
  const deps = { ...rest, store, now: () => new Date(), leaseMs: () => Promise.resolve(1), progress };
  for (const title of titles) await addTask({ ...deps, prefix: () => Promise.resolve("TSK") }, { title });
}

function begin(serve: ReturnType<typeof createMcp>, agent: string): Talk {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const waiting = new Map<number, (message: Json) => void>();
  createInterface({ input: output }).on("line", (line) => {
    const message = JSON.parse(line) as Json;
    waiting.get(message["id"] as number)?.(message);
  });
  let next = 0;
  const over = serve({ agent, input, output, gate: createAgentGate() });
  const ask = (method: string, params: Json = {}) => {
    const id = (next += 1);
    const answered = new Promise<Json>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return answered;
  };
  return {
    ...{ input, over, ask },
    async call(tool, args = {}) {
      const { result, error } = (await ask("tools/call", { name: tool, arguments: args })) as {
        result?: { content: { text: string }[]; structuredContent: Json; isError?: boolean };
        error?: { message: string };
      };
      if (result === undefined) throw new Error(error?.message);
      const { content, structuredContent: data, isError } = result;
      return { text: content[0]?.text ?? "", data, ...(isError === undefined ? {} : { isError }) };
    },
  };
}

const HELLO = {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
};

describe("the pool as tools", () => {
  test("tells what it is, and what tools there are, with strict inputs", async () => {
    const { ask } = talk("agent-1");
    const { result } = (await ask("initialize", HELLO)) as { result: Json };
    expect(result).toMatchObject({ serverInfo: { name: "devkit", version: "1.2.3" } });
    expect(result["instructions"]).toContain("task_next");
    const { tools } = (await ask("tools/list"))["result"] as { tools: Json[] };
    expect(tools.map(({ name }) => name)).toEqual([
      ...["task_list", "task_show", "task_current", "task_next", "task_start", "task_claim", "task_note"],
      ...["task_done", "task_release"],
    ]);
    for (const { inputSchema, description } of tools) {
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect((description as string).length).toBeLessThan(200);
    }
  });

  test("a task is found, begun, noted on and done, by the agent whose socket it is", async () => {
    const { call } = talk("agent-2");
    const list = await call("task_list", { status: "pending", limit: 2 });
    expect(list.data).toMatchObject({ total: 3, matching: 3, shown: 2, current: null });
    expect(JSON.parse(list.text)).toEqual(list.data);
    const begun = await call("task_next", { start: true });
    expect(begun.data).toMatchObject({ task: { id: "TSK-1", status: "in_progress", claimed_by: "agent-2" } });
    expect((await call("task_current")).data).toMatchObject({ task: { id: "TSK-1" } });
    await call("task_note", { task: "TSK-1", text: "--force of habit" });
    const done = await call("task_done", { note: "-m see the branch" });
    expect(done.data).toMatchObject({
      task: {
        status: "done",
        claimed_by: null,
        notes: [
          { by: "agent-2", text: "--force of habit" },
          { by: "agent-2", text: "-m see the branch" },
        ],
      },
    });
    expect((await call("task_show", { task: "TSK-1" })).data).toMatchObject({ task: { status: "done" } });
  });

  test("what another has is theirs; a failure says why and what to do", async () => {
    const [one, two] = [talk("agent-1"), talk("agent-2")];
    await one.call("task_start", { task: "TSK-2" });
    const taken = await two.call("task_start", { task: "TSK-2" });
    expect(taken).toMatchObject({ isError: true, data: { error: { code: "E_CLAIMED" } } });
    expect(taken.text).toMatch(/^error: .*agent-1 has it.*\nhint: .*devkit task next/);
    expect((await two.call("task_done", { task: "TSK-2" })).isError).toBe(true);
    expect((await one.call("task_release", { task: "TSK-2" })).data).toMatchObject({
      task: { status: "pending" },
    });
  });

  test("takes no input but what it names: nobody else's name, no option in an id", async () => {
    const { call } = talk("agent-1");
    for (const [tool, args] of [
      ["task_start", { task: "TSK-1", agent: "agent-2" }],
      ["task_done", { task: "TSK-1", force: true }],
      ["task_start", {}],
      ["task_list", { status: "all" }],
      ["task_list", { limit: 0 }],
      ["task_start", { task: "--force" }],
      ["task_start", { task: "../TSK-1" }],
      ["task_list", { topic: 1 }],
    ] as const) {
      expect(await call(tool, args), JSON.stringify([tool, args])).toMatchObject({ isError: true });
    }
    const other = await call("task_list", { topic: "--agent=main" });
    expect(other.data).toMatchObject({ matching: 0 });
  });

  test("brings what the user has to tell with the next result, once", async () => {
    const { call } = talk("agent-1");
    notices.set("agent-1", "you are assigned TSK-3");
    expect((await call("task_current")).data).toMatchObject({ notice: "you are assigned TSK-3", task: null });
    expect((await call("task_current")).data).toEqual({ task: null });
    notices.set("agent-1", "look here");
    expect((await call("task_show", { task: "TSK-9" })).text).toContain("notice: look here");
  });

  test("goes on after garbage, answers what is cancelled, and ends with its input", async () => {
    const { input, ask, call, over } = talk("agent-1");
    input.write('{"jsonrpc":"1.0"}\n[]\nnull\n\n{{{\n');
    input.write('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}\n');
    expect((await ask("no/such"))["error"]).toMatchObject({ code: -32601 });
    expect((await call("task_current")).data).toEqual({ task: null });
    input.end();
    await over;
  });

  test("many calls at once are answered, one after the other", async () => {
    const { call } = talk("agent-1");
    const answers = await Promise.all(Array.from({ length: 40 }, () => call("task_current")));
    expect(answers.filter(({ isError }) => isError !== true)).toHaveLength(40);
  });

  test("what was asked before the input ended is answered", async () => {
    const { input, call, over } = talk("agent-1");
    const answers = Promise.all(Array.from({ length: 20 }, () => call("task_current")));
    input.end();
    await over;
    expect((await answers).filter(({ isError }) => isError !== true)).toHaveLength(20);
  });

  test("a message that is too long ends the session, and is logged", async () => {
    const { input, over } = talk("agent-3");
    input.write(Buffer.alloc(LIMITS.requestBytes + 1, "x"));
    await over;
    expect(lines).toMatchObject([{ agent: "agent-3", event: "too-large" }]);
  });
});

test("whoever does not read the answers is read no further", async () => {
  const [input, output] = [new PassThrough(), new PassThrough({ highWaterMark: 10 })];
  const log = createRefusalLog(() => undefined);
  const over = createMcp({ version: "1", run, log })({
    agent: "agent-1",
    input,
    output,
    gate: createAgentGate(),
  });
  const request = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })}\n`;
  while (input.write(request.repeat(100)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(input.readableLength).toBeGreaterThan(0);
  expect(output.readableLength + output.writableLength).toBeLessThan(2000);
  output.destroy();
  await over;
});

test("an event of an agent is written down as its own, at the time it came", async () => {
  const request = { cwd: "/", branch: undefined, files: {}, input: undefined, changed: undefined };
  const argv = ["event", "waiting", "--detail", "a\u001b[2Jb"];
  expect(await run("agent-2", { ...request, argv })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  const store = createActivityStore(path.join(base, "activity"));
  expect(store.find("agent-2")).toMatchObject({ state: "waiting", detail: "a·[2Jb" });
  expect(Date.now() - Date.parse(store.find("agent-2")?.at ?? "")).toBeLessThan(10_000);
  for (const wrong of [["event"], ["event", "done"], ["event", "idle", "--agent", "agent-1"]])
    expect(await run("agent-2", { ...request, argv: wrong })).toMatchObject({ exitCode: 2 });
  expect(store.find("agent-1")).toBeUndefined();
});
