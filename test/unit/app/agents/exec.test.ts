import { beforeEach, describe, expect, test } from "vitest";
import {
  execInAgent,
  requireOverlays,
  requireRunning,
  type InnerCommand,
} from "../../../../src/app/agents/exec.js";
import { bringUp } from "../../../../src/app/agents/up.js";
import type { ExecRequest } from "../../../../src/app/ports-engine.js";
import { createTextSink } from "../../../../src/base/text-sink.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import { reloads } from "../../fakes/endpoint.js";
import { createFakeEngine, type FakeEngine } from "../../fakes/engine.js";
import { createWorld, type World } from "../../fakes/world.js";
import { errorOf } from "../../support/temp.js";

let world: World;
let asked: ExecRequest[];
let engine: FakeEngine;

/** Three agents, the second stopped; a command answers 7, `test -d` as told. */
beforeEach(async () => {
  world = createWorld();
  asked = [];
  engine = createFakeEngine({
    reload: reloads(world.egress, world.endpoint),
    run: (_spec, request) => {
      asked.push(request);
      const isThere = request.argv[2] !== "/workspace/none";
      return Promise.resolve(request.argv[0] === "test" ? Number(!isThere) : 7);
    },
  });
  for (const [name, image] of world.engine.images) engine.images.set(name, image);
  const { signal } = new AbortController();
  const request = {
    count: 3,
    settings: DEFAULT_SETTINGS,
    settingsOf: () => DEFAULT_SETTINGS,
    allowed: [],
    host: world.host,
    force: false,
    dryRun: false,
    now: new Date(),
    signal,
  };
  await bringUp({ ...world.deps, engine }, request);
  const second = [...engine.containers.values()].find(({ spec }) => spec.hostname === "agent-2");
  if (second !== undefined) await engine.stopContainer(second.id);
});

const running = (selector: string) => requireRunning({ ...world.deps, engine }, selector);

describe("the agent to run in", () => {
  test("is found by index and by name", async () => {
    expect((await running("3")).agent.name).toBe("agent-3");
    expect((await running("agent-1")).container.state).toBe("running");
  });

  test("that is stopped: 125, and how to start it", async () => {
    const error = await errorOf(running("2"));
    expect(error).toMatchObject({ code: "E_AGENT_NOT_RUNNING", exitCode: 125, message: "agent-2 is exited" });
    expect(error.hint).toBe("start it: devkit agent up agent-2");
    expect(error.details).toEqual({ agent: "agent-2", state: "exited" });
  });

  test("that lost its container is told apart from one there never was", async () => {
    const second = [...engine.containers.values()].find(({ spec }) => spec.hostname === "agent-2");
    await engine.removeContainer(second?.id ?? "");
    expect((await errorOf(running("2"))).message).toBe("agent-2 has no container");
    expect(await errorOf(running("9"))).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
    expect((await errorOf(running("9"))).message).toContain("agent-1, agent-2, agent-3");
  });

  test.each(["", "x", "-1", "../1"])("%j is none", async (selector) => {
    expect((await errorOf(running(selector))).code).toBe("E_AGENT_UNKNOWN");
  });
});

describe("running in it", () => {
  const run = async (command: Partial<InnerCommand>, env: Record<string, string> = {}) => {
    const sink = createTextSink(100).stream;
    const deps = { ...world.deps, engine, host: { ...world.host, env } };
    const inner = { argv: ["cmd", "--help"], directory: undefined, tty: false, env: {}, ...command };
    return execInAgent(deps, await running("1"), inner, { stdin: undefined, stdout: sink, stderr: sink });
  };

  test("answers the command's exit code, and runs in the worktree, as it was typed", async () => {
    expect(await run({})).toBe(7);
    expect(asked).toEqual([
      { argv: ["cmd", "--help"], env: { LANG: "C.UTF-8" }, workdir: "/workspace", tty: false },
    ]);
  });

  test.each([
    ["src", "/workspace/src"],
    ["/tmp", "/tmp"],
    [".", "/workspace"],
    ["-dash", "/workspace/-dash"],
  ])("in the directory %s, which is %s inside", async (directory, workdir) => {
    await run({ directory });
    expect(asked.at(-1)?.workdir).toBe(workdir);
  });

  test("in a directory that is not there: 4, and the command does not run", async () => {
    const error = await errorOf(run({ directory: "none" }));
    expect(error).toMatchObject({ code: "E_PATH_NOT_FOUND", exitCode: 4 });
    expect(error.message).toBe("agent-1 has no directory /workspace/none");
    expect(asked.map(({ argv }) => argv[0])).toEqual(["test"]);
  });

  test("where its container says that commands run, and paths are relative to that", async () => {
    for (const container of engine.containers.values()) {
      const config = JSON.stringify({ workdir: "/workspaces/dev", overlays: "small, dev-all" });
      Object.assign(container, {
        spec: { ...container.spec, labels: { ...container.spec.labels, [LABELS.config]: config } },
      });
    }
    for (const [directory, workdir] of [
      [undefined, "/workspaces/dev"],
      ["agent2/demo", "/workspaces/dev/agent2/demo"],
      ["../x", "/workspaces/x"],
      ["/workspace", "/workspace"],
    ] as const) {
      await run({ directory });
      expect(asked.at(-1)?.workdir).toBe(workdir);
    }
    const agent = await running("1");
    requireOverlays(agent, ["dev-all"]);
    const error = await errorOf(
      Promise.resolve().then(() => {
        requireOverlays(agent, ["dev-all", "other"]);
      }),
    );
    expect(error).toMatchObject({ code: "E_OVERLAY_NOT_APPLIED", exitCode: 125 });
    expect(error.message).toBe("the container of agent-1 was made without the overlay other");
    expect(error.hint).toContain("devkit -p small -p dev-all -p other agent up 1");
  });

  test("with the caller's terminal, and nothing of the proxy that only the host may use", async () => {
    await run({ tty: true }, { TERM: "xterm", HTTPS_PROXY: "http://tess:hunter2@proxy:3128", SECRET: "x" });
    expect(asked.at(-1)).toMatchObject({ tty: true });
    expect(asked.at(-1)?.env).toEqual({ TERM: "xterm", LANG: "C.UTF-8" });
  });
});
