import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentsOf, createSandbox, type Sandbox } from "../support/sandbox.js";

const AGENTS = 16;
const COMMITS = 20;
/** More are for a night: DEVKIT_LOAD_ROUNDS=50. */
const ROUNDS = Number(process.env["DEVKIT_LOAD_ROUNDS"] ?? 1);
const SIX_MINUTES = 360_000;

const indexes = Array.from({ length: AGENTS }, (_, position) => position + 1);

/** Of the last round; its agents are those that commit afterwards. */
let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
});

afterAll(() => box.remove());

describe("sixteen agents made at once", () => {
  test(
    `${String(ROUNDS)} times over, without one failure`,
    { timeout: Math.max(SIX_MINUTES, ROUNDS * 20_000) },
    async () => {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await box.remove();
        box = await createSandbox();
        await box.setIdentity();
        const began = performance.now();
        const up = await box.devkit("agent", "up", String(AGENTS));
        times.push(performance.now() - began);
        expect(up, `round ${String(round)}`).toMatchObject({ exitCode: 0 });
        const agents = agentsOf(await box.json("agent", "list"));
        expect(agents.map(({ index, state, sync }) => [index, state, sync])).toEqual(
          indexes.map((index) => [index, "running", "current"]),
        );
        expect((await box.git("worktree", "list")).split("\n")).toHaveLength(AGENTS + 1);
        expect(await box.git("fsck", "--no-dangling")).toBe("");
      }
      const slowest = Math.max(...times).toFixed(0);
      const mean = (times.reduce((sum, time) => sum + time, 0) / times.length).toFixed(0);
      console.log(
        `agent up ${String(AGENTS)}, ${String(ROUNDS)} rounds: mean ${mean} ms, slowest ${slowest} ms`,
      );
    },
  );
});

describe("sixteen agents that commit while the host syncs", () => {
  const subjects = (index: number) =>
    Array.from({ length: COMMITS }, (_, commit) => `agent ${String(index)} commit ${String(commit + 1)}`);

  const commit = (index: number) =>
    box.devkit(
      "exec",
      String(index),
      "--",
      "bash",
      "-c",
      `set -e; for i in $(seq ${String(COMMITS)}); do echo $i >>file; git add file
         git commit -qm "agent ${String(index)} commit $i"; sleep 0.2; done`,
    );

  test("lose nothing: every commit arrives, in a straight line", { timeout: SIX_MINUTES }, async () => {
    const working = Promise.all(indexes.map(commit));
    let finished = false;
    void working.finally(() => (finished = true));
    let syncs = 0;
    while (!finished) {
      expect(await box.devkit("agent", "sync")).toMatchObject({ exitCode: 0, stderr: "" });
      syncs += 1;
    }
    for (const result of await working) expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await box.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
    expect(syncs).toBeGreaterThan(1);
    for (const index of indexes) {
      const range = `main..agent/agent-${String(index)}/idle`;
      const log = await box.git("log", "--reverse", "--format=%s", range);
      expect(log.split("\n")).toEqual(subjects(index));
      expect(await box.git("rev-list", "--count", "--merges", range)).toBe("0");
    }
    expect(await box.git("rev-list", "--count", "--branches=agent/*", "^main")).toBe(
      String(AGENTS * COMMITS),
    );
    expect(await box.git("fsck", "--no-dangling")).toBe("");
  });
});
