import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { careForKilled } from "../../../../src/app/agents/care-for-killed.js";
import { finishAgents } from "../../../../src/app/agents/finish-agents.js";
import type { SpawnDeps } from "../../../../src/app/agents/spawn-deps.js";
import { killAgents } from "../../../../src/app/custody/kill.js";
import { DevkitError, toDevkitError } from "../../../../src/base/errors.js";
import { createSpawnStand, type SpawnStand } from "../../support/spawn-stand.js";

let stand: SpawnStand;
let commands = 0;

beforeEach(async () => {
  stand = await createSpawnStand();
  await stand.add("one", "two");
  await stand.spawn();
  commands = 1;
});

/** What became of it, and what the agents' care was asked for in which order. */
async function kill(force = false, trash = stand.deps.trash) {
  const care = await careForKilled(stand.deps);
  const order: string[] = [];
  const { engine } = stand.agents;
  const deps = {
    ...stand.deps,
    engine: { ...engine, countExecs: () => Promise.resolve(commands) },
    trash: {
      ...trash,
      begin: (...args: Parameters<typeof trash.begin>) => {
        order.push("removed");
        return trash.begin(...args);
      },
    },
  };
  const request = {
    ...{ selectors: ["agent-1"], force, base: "HEAD", spec: stand.agents.spec, now: new Date() },
    care: {
      ...care,
      endSession: (agent: { index: number; name: string }) => {
        order.push(existsSync(stand.agents.worktreeOf(1)) ? "session ended early" : "session ended");
        return care.endSession(agent);
      },
      releaseClaims: async (agent: { index: number; name: string }) => {
        await care.releaseClaims(agent);
        order.push(`released, ${stand.claims().join()}`);
      },
    },
  };
  const error = await killAgents(deps, request).then(
    ({ outcomes }) => outcomes[0]?.error?.message,
    (problem: unknown) => toDevkitError(problem).message,
  );
  return { error, order, ended: care.endedOf({ index: 1, name: "agent-1" }) };
}

test("an agent in which only its session's command runs goes: claims, then the rest, its session last", async () => {
  const { error, order, ended } = await kill();
  expect(error).toBeUndefined();
  expect(order).toEqual(["released, ", "removed", "session ended"]);
  expect(ended).toEqual({ session: "devkit-agent-1", tasks: ["TSK-1"] });
  expect(stand.task("TSK-1")).toMatchObject({ status: "pending", claim: undefined });
  expect(stand.sessions.running.size).toBe(0);
});

test("an agent with work, or with a command besides, keeps its session and its task", async () => {
  commands = 2;
  expect(await kill()).toMatchObject({ error: "agent-1 has 1 command running", order: [] });
  commands = 1;
  await writeFile(path.join(stand.agents.worktreeOf(1), "late.txt"), "");
  expect(await kill()).toMatchObject({ error: "agent-1 has 1 untracked file", order: [] });
  expect(stand.claims()).toEqual(["TSK-1 agent-1"]);
  expect(stand.sessions.running.has("agent-1")).toBe(true);
  expect((await kill(true)).ended.tasks).toEqual(["TSK-1"]);
});

test("the command of a session that has ended is somebody else's", async () => {
  const session = stand.sessions.running.get("agent-1");
  if (session !== undefined) stand.sessions.running.set("agent-1", { ...session, state: "ended" });
  expect(await kill()).toMatchObject({ error: "agent-1 has 1 command running", order: [] });
});

test("a tmux that cannot be asked keeps no agent from going", async () => {
  const warnings: string[] = [];
  stand.deps.progress.warn = (text) => warnings.push(text);
  stand.sessions.kill = () => Promise.reject(new DevkitError("E_TMUX", "tmux does not answer"));
  const { error, order, ended } = await kill();
  expect(error).toBeUndefined();
  expect(order).toEqual(["released, ", "removed", "session ended"]);
  expect(ended).toEqual({ session: undefined, tasks: ["TSK-1"] });
  expect(warnings.join()).toMatch(/agent-1 has a tmux session.*does not answer/);
});

test("a removal that was cut off before the session's end is finished with it", async () => {
  const { deps } = stand;
  const cut = () => Promise.reject(new Error("cut off"));
  await kill(false, { ...deps.trash, moveState: cut });
  expect(stand.sessions.running.has("agent-1")).toBe(true);
  expect(await kill()).toMatchObject({ error: undefined, order: ["session ended"] });
  expect(stand.sessions.running.size).toBe(0);
});

/** A later command, in whose eyes every process of before is dead. */
const later = (): SpawnDeps => ({
  ...stand.deps,
  journal: { ...stand.deps.journal, left: () => stand.deps.journal.list() },
});

test("a removal that was cut off is finished by the next look at agents: no half agent, no session, no note", async () => {
  const { deps } = stand;
  for (const step of ["begin", "moveState"] as const) {
    const cut = () => Promise.reject(new Error("cut off"));
    await kill(true, { ...deps.trash, [step]: cut });
    expect(await stand.traces()).toContain("note agent-1");
    await finishAgents(later(), new Date());
    const traces = await stand.traces();
    expect(traces, step).not.toContain("note agent-1");
    if (step === "begin") expect(traces).toContain("session agent-1");
    else expect(traces.filter((one) => !/trash/.test(one))).toEqual([]);
  }
});

test("an interrupt after the removal leaves no session", async () => {
  const interrupted = () => Promise.reject(new DevkitError("E_INTERRUPTED", "interrupted"));
  stand = { ...stand, deps: { ...stand.deps, sessions: { ...stand.sessions, kill: interrupted } } };
  expect(await kill()).toMatchObject({ error: undefined });
  expect((await stand.traces()).filter((one) => !/trash/.test(one))).toEqual([]);
});

test("a refusal, and an end, leave no note; one that is left is taken over", async () => {
  commands = 2;
  await kill();
  expect(await stand.deps.journal.list()).toEqual([]);
  commands = 1;
  await stand.deps.journal.begin({ kind: "kill", agent: { index: 1, name: "agent-1" } });
  stand = { ...stand, deps: later() };
  expect(await kill()).toMatchObject({ error: undefined });
  expect(await stand.deps.journal.list()).toEqual([]);
});
