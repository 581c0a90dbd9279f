import { execa } from "execa";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createDispatch } from "../../../src/broker/dispatch.js";
import { createEndpoints } from "../../../src/broker/endpoints.js";
import { createRefusalLog } from "../../../src/broker/refusal-log.js";
import { createBrokerPlaces, createTestBroker, runClient } from "../support/broker.js";
import { createRepo } from "../support/repo.js";
import { tempDir } from "../support/temp.js";

describe("an agent", () => {
  test("sees the pool, takes a task, notes on it, and finishes it, as itself", async () => {
    const broker = await createTestBroker();
    await broker.addTask("TSK-1", { priority: "p0" });
    await broker.addTask("TSK-2");
    const said = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await broker.client("agent-1", args);
      return exitCode === 0 ? stdout : `${String(exitCode)}: ${stderr.split("\n")[0] ?? ""}`;
    };
    expect(await said("task", "next", "--start")).toBe("Started: TSK-1 - do TSK-1");
    expect(await said("task", "list")).toBe(
      [
        "   TASK   PRIO  STATUS       AGENT    TITLE",
        ">  TSK-1  p0    in_progress  agent-1  do TSK-1",
        "○  TSK-2  p1    pending      -        do TSK-2",
      ].join("\n"),
    );
    expect(await said("status")).toBe(
      "Agent:  agent-1\nTask:   TSK-1 - do TSK-1 (claim 1)\nPool:   1 pending (1 ready), 1 in progress, 0 done",
    );
    expect(await said("task", "current")).toBe("TSK-1 - do TSK-1");
    expect(await said("task", "note", "TSK-1", "half ü done")).toBe("Noted: TSK-1 - do TSK-1");
    expect(await said("task", "claim", "TSK-2", "--agent", "1")).toBe("Claimed (number 1): TSK-2 - do TSK-2");
    expect(await said("task", "release", "TSK-2")).toBe("Released: TSK-2 - do TSK-2");
    expect(await said("task", "done", "-m", "see the branch")).toBe("Done: TSK-1 - do TSK-1");
    const file = JSON.parse(await readFile(path.join(broker.pool, "refs/tasks/TSK-1"), "utf8")) as object;
    expect(file).toMatchObject({
      status: "done",
      notes: [
        { by: "agent-1", text: "half ü done" },
        { by: "agent-1", text: "see the branch" },
      ],
    });
    expect(broker.log).toEqual([]);
  });

  test("is told what the host has to say when it asks something, not when its program says what it is at", async () => {
    const broker = await createTestBroker();
    const notice = '{"text":"You have another task","at":"2026-01-01T00:00:00Z"}';
    await writeFile(path.join(broker.base, "notices/agent-1.json"), notice);
    await mkdir(path.join(broker.base, "activity"), { recursive: true });
    expect((await broker.client("agent-1", ["event", "working"])).stderr).toBe("");
    expect((await broker.client("agent-1", ["status"])).stderr).toBe("note: You have another task");
    expect((await broker.client("agent-1", ["status"])).stderr).toBe("");
  });

  test("with --json gets the host's one document, also of a failure", async () => {
    const broker = await createTestBroker();
    await broker.addTask("TSK-1");
    const ok = await broker.client("agent-1", ["task", "start", "TSK-1", "--json"]);
    expect(JSON.parse(ok.stdout)).toMatchObject({
      ok: true,
      command: "task start",
      data: { task: { claimed_by: "agent-1", claim: { number: 1 } } },
    });
    const failed = await broker.client("agent-2", ["--json", "task", "done", "TSK-1"]);
    expect([failed.exitCode, failed.stderr]).toEqual([5, ""]);
    expect(JSON.parse(failed.stdout)).toMatchObject({ ok: false, error: { code: "E_CLAIMED" } });
  });

  test.each([
    [["task", "claim", "TSK-1", "--agent", "2"], 5, "agent-1 can act for nobody but itself"],
    [["task", "claim", "TSK-1", "--agent", "agent-2"], 5, "agent-1 can act for nobody but itself"],
    [["task", "claim", "TSK-1", "--agent", "main"], 5, "agent-1 can act for nobody but itself"],
    [["task", "claim", "TSK-1", "--agent=bob"], 5, "agent-1 can act for nobody but itself"],
    [["task", "claim", "TSK-1", "--agent", "../1"], 5, "agent-1 can act for nobody but itself"],
    [["task", "claim", "TSK-1", "--agent", ""], 5, "agent-1 can act for nobody but itself"],
    [["task", "current", "--agent", "2"], 5, "agent-1 can act for nobody but itself"],
    [["task", "release", "TSK-1", "--force"], 5, "--force is the user's"],
    [["-C", "/", "task", "list"], 5, "-C, --config, --overlay and --profile are the user's"],
    [["task", "list", "--config", "/etc/passwd"], 5, "-C, --config, --overlay and --profile are the user's"],
    [["task", "list", "-p", "x"], 5, "-C, --config, --overlay and --profile are the user's"],
    [["task", "add", "x"], 2, "unknown command 'add'"],
    [["task", "remove", "TSK-1"], 2, "unknown command 'remove'"],
    [["task", "import", "/etc/passwd"], 2, "unknown command 'import'"],
    [["agent", "kill", "1"], 2, "unknown command 'agent'"],
    [["exec", "2", "sh"], 2, "unknown command 'exec'"],
    [["task", "show", "../highest-removed"], 2, "is not the id of a task"],
    [["task", "show", "TSK-1/../TSK-1"], 2, "is not the id of a task"],
    [["task", "show", "/etc/passwd"], 2, "is not the id of a task"],
    [["task", "note", "TSK-1", "x".repeat(60_000)], 2, "the note"],
    [["task", "note", "TSK-1", "x".repeat(100_000)], 2, "the note"],
  ])("is refused %j", async (args, exitCode, message) => {
    const broker = await createTestBroker();
    await broker.addTask("TSK-1");
    const before = await readFile(path.join(broker.pool, "refs/tasks/TSK-1"), "utf8");
    const said = await broker.client("agent-1", args);
    expect([said.exitCode, said.stderr, said.stdout]).toEqual([
      exitCode,
      expect.stringContaining(message) as string,
      "",
    ]);
    expect(await readFile(path.join(broker.pool, "refs/tasks/TSK-1"), "utf8")).toBe(before);
    if (exitCode === 5) expect(broker.log).toMatchObject([{ agent: "agent-1", event: "refused" }]);
  });

  test("may look at what others have", async () => {
    const broker = await createTestBroker(["agent-1", "bob"]);
    await broker.addTask("TSK-1");
    await broker.client("bob", ["task", "start", "TSK-1"]);
    for (const agent of ["3", "bob"]) {
      const said = await broker.client("agent-1", ["task", "list", "--agent", agent]);
      expect(said.stdout).toContain("TSK-1");
    }
    expect((await broker.client("bob", ["task", "done", "--agent", "3"])).exitCode).toBe(0);
  });

  test("is told what it may have meant, and what there is", async () => {
    const broker = await createTestBroker();
    const said = await broker.client("agent-1", ["task", "lst"]);
    expect(said.stderr).toBe(
      "error: unknown command 'lst'\nhint: Did you mean list?  See: devkit task --help",
    );
    const help = await broker.client("agent-1", ["--help"]);
    expect([help.exitCode, help.stdout]).toEqual([
      0,
      expect.stringContaining("from inside an agent") as string,
    ]);
    expect((await broker.client("agent-1", [])).stdout).toContain("Usage: devkit");
  });

  test("learns once what the host has left for it, whatever it asks", async () => {
    const broker = await createTestBroker();
    const notice = { text: "you have\u001b[2J TSK-4 now", at: "2026-01-01T00:00:00Z" };
    await writeFile(path.join(broker.base, "notices/agent-1.json"), JSON.stringify(notice));
    expect((await broker.client("agent-2", ["status"])).stderr).toBe("");
    expect((await broker.client("agent-1", ["status"])).stderr).toBe("note: you have·[2J TSK-4 now");
    expect((await broker.client("agent-1", ["status"])).stderr).toBe("");
    expect(await readdir(path.join(broker.base, "notices"))).toEqual([]);
  });
});

describe("the branch of a task", () => {
  test.each([
    ["agent/agent-1/tsk-1", "agent/agent-1/tsk-1"],
    ["agent/agent-2/tsk-1", undefined],
    ["main", undefined],
    ["agent/agent-1/x.lock", undefined],
  ])("is where the agent is, if that is its own: %s", async (branch, expected) => {
    const broker = await createTestBroker();
    await broker.addTask("TSK-1");
    const repo = await createRepo();
    await execa("git", ["-C", repo.root, "symbolic-ref", "HEAD", `refs/heads/${branch}`], { reject: false });
    await broker.client("agent-1", ["task", "start", "TSK-1"], { cwd: repo.root });
    const file = JSON.parse(await readFile(path.join(broker.pool, "refs/tasks/TSK-1"), "utf8")) as object;
    expect(file).toMatchObject({ status: "in_progress" });
    expect((file as { branch?: string }).branch).toBe(expected);
  });
});

describe("per-agent files", () => {
  test("go there and come back, as files of the worktree that no link leads out of", async () => {
    const { base } = await createBrokerPlaces(["agent-1"]);
    const seen: unknown[] = [];
    const endpoints = createEndpoints({
      base,
      log: createRefusalLog(() => undefined),
      run: (_, { files, cwd }) => {
        seen.push({ files, cwd });
        const write = { head: "TSK-2\n", staged: null, topic: "x" };
        return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", write });
      },
    });
    await endpoints.rescan();
    const repo = await createRepo();
    const local = path.join(repo.root, ".devkit");
    const outside = path.join(await tempDir(), "outside");
    await mkdir(local);
    await writeFile(outside, "mine");
    await writeFile(path.join(local, "HEAD"), "TSK-1\n");
    await writeFile(path.join(local, "staged-verifications.json"), "[]");
    await symlink(outside, path.join(local, "current-topic"));
    const cwd = path.join(repo.root, "src");
    expect(await runClient(path.join(base, "sockets/agent-1/sock"), ["x"], { cwd })).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    await endpoints.close();
    expect(seen).toEqual([{ files: { head: "TSK-1\n", staged: "[]", topic: undefined }, cwd }]);
    expect((await readdir(local)).sort()).toEqual(["HEAD", "current-topic"]);
    expect(await readFile(path.join(local, "HEAD"), "utf8")).toBe("TSK-2\n");
    expect(await readFile(path.join(local, "current-topic"), "utf8")).toBe("x");
    expect(await readFile(outside, "utf8")).toBe("mine");
  });
});

describe("the client", () => {
  test("without an endpoint: one line, 3, within two seconds", async () => {
    const beganMs = performance.now();
    const said = await runClient(path.join(await tempDir(), "sock"), ["status"]);
    expect([said.exitCode, said.stdout, said.stderr]).toEqual([
      3,
      "",
      "error: the endpoint of the task pool does not answer\nhint: ask the user to run: devkit up",
    ]);
    expect(performance.now() - beganMs).toBeLessThan(3000);
  });

  test("without perl says what is missing", async () => {
    const bin = await tempDir();
    await symlink("/bin/sh", path.join(bin, "sh"));
    const said = await runClient("/none", ["status"], { env: { PATH: bin }, extendEnv: false });
    expect([said.exitCode, said.stderr]).toEqual([3, expect.stringContaining("needs perl") as string]);
  });

  test("of a broker that goes away in the middle says that nobody knows", async () => {
    const { base } = await createBrokerPlaces(["agent-1"]);
    const endpoints = createEndpoints({
      base,
      log: createRefusalLog(() => undefined),
      run: () => {
        void endpoints.close();
        return new Promise(() => undefined);
      },
    });
    await endpoints.rescan();
    const said = await runClient(path.join(base, "sockets/agent-1/sock"), ["task", "done"]);
    expect([said.exitCode, said.stderr]).toEqual([
      1,
      expect.stringContaining("whether it did what was asked is not known") as string,
    ]);
  });

  test("carries sessions of MCP, byte for byte, both ways", async () => {
    const broker = await createTestBroker(["agent-1"], async ({ agent, input, output }) => {
      output.write(`hello ${agent}\n`);
      for await (const chunk of input) output.write(chunk as Buffer);
      output.end();
    });
    const bytes = "x\n".repeat(200_000);
    const said = await broker.client("agent-1", ["mcp"], { input: bytes });
    expect([said.exitCode, said.stdout === `hello agent-1\n${bytes}`.trimEnd()]).toEqual([0, true]);
  });

  test("hears the end of a session although it was said all at once", async () => {
    const bytes = "x\n".repeat(2_000_000);
    const broker = await createTestBroker(["agent-1"], ({ output }) => {
      output.end(bytes);
      return Promise.resolve();
    });
    const said = await broker.client("agent-1", ["mcp"], { input: "" });
    expect([said.exitCode, said.stdout.length]).toEqual([0, bytes.length - 1]);
  });

  test("says when no session is served", async () => {
    const broker = await createTestBroker();
    expect(await broker.client("agent-1", ["mcp"], { input: "x" })).toMatchObject({ exitCode: 3 });
  });
});

test("an answer that is too large is a failure, not a part of it", async () => {
  const { base } = await createBrokerPlaces(["agent-1"]);
  const log = createRefusalLog(() => undefined);
  const big = {
    path: "big",
    summary: "x",
    arguments: [],
    options: {},
    examples: [],
    json: "",
    run: () => Promise.resolve({ data: null, human: () => "x".repeat(9 * 1024 ** 2) }),
  };
  const deps = { project: () => Promise.resolve({ roster: new Map() }) };
  const run = createDispatch({
    ...{ table: { commands: [big], groups: {}, about: "" }, log, takeNotice: () => undefined },
    depsOf: () => deps as never,
  });
  const reply = await run("agent-1", {
    ...{ argv: ["big"], cwd: base, branch: undefined, files: {}, input: undefined, changed: undefined },
  });
  expect(reply).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringContaining("8 MiB") as string,
  });
});
