import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFakeDeps } from "../support/fake-deps.js";
import { runCli } from "../support/run-cli.js";
import { reloads } from "../fakes/endpoint.js";
import { createFakeEngine } from "../fakes/engine.js";
import { createWorld, type World } from "../fakes/world.js";
import type { DepsContext } from "../../../src/cli/deps.js";
import type { ExecRequest } from "../../../src/app/ports-engine.js";
import { DevkitError } from "../../../src/base/errors.js";

const { current } = vi.hoisted(() => ({ current: { world: undefined as World | undefined } }));

vi.mock("../../../src/cli/deps.js", () => ({
  createDeps: ({ reporter }: DepsContext) => createFakeDeps(current.world ?? createWorld(), reporter),
}));

let world: World;

beforeEach(() => {
  world = createWorld();
  current.world = world;
});

describe("a command's answer", () => {
  test("is one document with --json, all the rest on stderr", async () => {
    const ran = await runCli("--json", "agent", "up", "2");
    expect(ran.exitCode).toBe(0);
    expect(ran.document()).toMatchObject({
      ok: true,
      command: "agent up",
      version: 1,
      warnings: [],
      data: {
        dryRun: false,
        imageCause: null,
        agents: [
          { index: 1, changed: true },
          { index: 2, changed: true },
        ],
      },
    });
  });

  test("is text for people without", async () => {
    const { stdout } = await runCli("agent", "up", "2");
    expect(stdout).toContain("2 agents running");
    expect((await runCli("agent", "up", "2")).stdout).toContain("nothing to do");
  });

  test("by name is of those alone, which have to be there", async () => {
    await runCli("agent", "up", "3");
    await runCli("agent", "down");
    const { stdout } = await runCli("agent", "up", "agent-3", "agent-2");
    expect(stdout).toContain("2 agents running. Open a shell: devkit exec-cd 3 bash");
    const { agents } = (await runCli("--json", "agent", "list")).document().data as {
      agents: { name: string; state: string }[];
    };
    expect(agents.map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...["agent-1 exited", "agent-2 running", "agent-3 running"],
    ]);
    expect((await runCli("agent", "list")).stdout).toContain("To start them: devkit agent up 1");
    await runCli("agent", "down", "2", "3");
    await runCli("agent", "up", "1");
    expect((await runCli("agent", "list")).stdout).toContain(
      "To start them: devkit agent up agent-2 agent-3",
    );
    const unknown = await runCli("--json", "agent", "up", "agent-2", "agent-9");
    expect(unknown.document().error).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
    const mixed = await runCli("--json", "agent", "up", "agent-2", "3");
    expect(mixed.document().error).toMatchObject({ code: "E_USAGE", exitCode: 2 });
  });

  test("has the warnings in its document, and on stderr", async () => {
    world.git.config.length = 0;
    const ran = await runCli("--json", "agent", "up", "1");
    expect(ran.document().warnings).toEqual([expect.stringContaining("git config --global user.name")]);
    expect(ran.stderr).toContain("warning: ");
  });

  test("of a dry run has every operation with its cause", async () => {
    const ran = await runCli("--json", "agent", "up", "1", "--dry-run");
    const { operations } = ran.document().data as {
      operations: { kind: string; cause: string; after: string[] }[];
    };
    expect(operations[0]).toEqual({
      agent: "agent-1",
      kind: "network.create",
      cause: "it has no network",
      after: [],
    });
    expect(operations).toHaveLength(9);
  });
});

describe("a command's failure", () => {
  test("has its code, message, hint and exit code, in the document and out of it", async () => {
    const document = (await runCli("--json", "agent", "sync", "9")).document();
    expect(document).toMatchObject({
      ok: false,
      command: "agent sync",
      error: { code: "E_AGENT_UNKNOWN", exitCode: 4 },
    });
    const ran = await runCli("agent", "sync", "9");
    expect([ran.exitCode, ran.stdout]).toEqual([4, ""]);
    expect(ran.stderr).toContain("error: there is no agent-9");
    expect(ran.stderr).toContain("hint: ");
  });

  test("of some agents is 6, of all alike their own", async () => {
    world.before = (operation, subject) => {
      if (operation === "home" && subject === "agent-2") throw new DevkitError("E_DISK_FULL", "full");
    };
    expect((await runCli("--json", "agent", "up", "2")).exitCode).toBe(6);
    world.before = (operation) => {
      if (operation === "home" || operation === "create") throw new DevkitError("E_DISK_FULL", "full");
    };
    const ran = await runCli("--json", "agent", "up", "4");
    expect(ran.exitCode).toBe(6);
    current.world = createWorld();
    current.world.before = world.before;
    expect((await runCli("--json", "agent", "up", "4")).document().error).toMatchObject({
      code: "E_DISK_FULL",
    });
  });

  test("that is a defect of ours is 70, with a trace to report", async () => {
    world.before = (operation) => {
      if (operation === "list") throw new TypeError("x is not a function");
    };
    const ran = await runCli("agent", "list");
    expect(ran.exitCode).toBe(70);
    expect(ran.stderr).toContain("unexpected: x is not a function");
    expect(ran.stderr).toContain("report");
    expect(ran.stderr).toMatch(/\n\s+at /);
  });
});

describe("inner commands", () => {
  let asked: ExecRequest[];

  beforeEach(async () => {
    asked = [];
    const engine = createFakeEngine({
      reload: reloads(world.egress, world.endpoint),
      run: (_spec, request, { stdout }) => {
        asked.push(request);
        stdout.write("said\n");
        return Promise.resolve(request.argv[0] === "test" ? 0 : 7);
      },
    });
    for (const [name, image] of world.engine.images) engine.images.set(name, image);
    current.world = { ...world, engine, deps: { ...world.deps, engine } };
    await runCli("agent", "up", "1");
  });

  const asking = async (...argv: string[]) => {
    const ran = await runCli("--json", ...argv);
    return { code: ran.exitCode, argv: asked.at(-1)?.argv, workdir: asked.at(-1)?.workdir };
  };

  test.each([
    [["--help"]],
    [["cmd", "--json", "-p", "x", "--", "--version"]],
    [["cmd", "a b", "", "'\"", "$HOME", "line\nbreak", "-C", "/x"]],
    [["--", "cmd"]],
  ])("get %j unchanged after a first --", async (words) => {
    expect((await asking("exec", "1", "--", ...words)).argv).toEqual(words);
  });

  test("need no --", async () => {
    expect((await asking("exec", "1", "cmd", "--json", "-p", "x")).argv).toEqual([
      "cmd",
      "--json",
      "-p",
      "x",
    ]);
  });

  test("end with the inner exit code, and are told whole in the document", async () => {
    const ran = await runCli("--json", "exec", "1", "cmd");
    expect(ran.exitCode).toBe(7);
    expect(ran.document().data).toEqual({
      index: 1,
      name: "agent-1",
      exitCode: 7,
      stdout: "said\n",
      stderr: "",
      truncated: false,
    });
  });

  test.each<[string[], string[], string]>([
    [["bash"], ["bash"], "/workspace"],
    [["src", "make", "-j2"], ["make", "-j2"], "/workspace/src"],
    [["src", "--", "npm", "test"], ["npm", "test"], "/workspace/src"],
    [["--", "src", "x"], ["src", "x"], "/workspace"],
    [["/tmp", "ls", "--", "-l"], ["ls", "--", "-l"], "/tmp"],
  ])("of exec-cd: %j runs %j in %s", async (words, argv, workdir) => {
    expect(await asking("exec-cd", "1", ...words)).toEqual({ code: 7, argv, workdir });
  });

  test("of exec-cd without any is a usage error", async () => {
    expect((await runCli("--json", "exec-cd", "1")).exitCode).toBe(2);
    expect((await runCli("--json", "exec-cd", "1", "src", "--")).exitCode).toBe(2);
  });

  test("in an agent that does not run are 125, in one that does not exist 4", async () => {
    await runCli("agent", "down");
    expect((await runCli("--json", "exec", "1", "cmd")).exitCode).toBe(125);
    expect((await runCli("--json", "exec", "9", "cmd")).exitCode).toBe(4);
  });

  test("a shell is no document", async () => {
    const ran = await runCli("--json", "shell", "1");
    expect(ran.document().error).toMatchObject({ code: "E_USAGE", exitCode: 2 });
  });
});

describe("colours", () => {
  const streams = [process.stdout, process.stderr] as const;

  /** Runs a dry run, whose plan is coloured, with these streams as terminals. */
  const planWith = async (...terminals: NodeJS.WriteStream[]) => {
    for (const stream of streams) {
      Object.defineProperty(stream, "isTTY", { value: terminals.includes(stream), configurable: true });
    }
    try {
      return (await runCli("agent", "up", "1", "--dry-run")).stdout;
    } finally {
      for (const stream of streams) Reflect.deleteProperty(stream, "isTTY");
    }
  };

  beforeEach(() => {
    vi.stubEnv("NO_COLOR", undefined);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("of the answer go to a terminal", async () => {
    expect(await planWith(...streams)).toContain("\u001b[");
  });

  test("of the answer do not go into a file because stderr is a terminal", async () => {
    expect(await planWith(process.stderr)).not.toContain("\u001b[");
  });

  test("are none when NO_COLOR says so, unless it is empty", async () => {
    vi.stubEnv("NO_COLOR", "1");
    expect(await planWith(...streams)).not.toContain("\u001b[");
    vi.stubEnv("NO_COLOR", "");
    expect(await planWith(...streams)).toContain("\u001b[");
  });
});
