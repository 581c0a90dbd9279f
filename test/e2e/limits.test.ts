import { execa } from "execa";
import { mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killLeftProcesses, startDevkit } from "../support/live-process.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

/** Loud enough to see an agent that has stopped answering, on a machine that others use too. */
const RESPONSIVE_MS = 5000;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  const overlay = path.join(box.repo, ".devkit-overlays/tight");
  await mkdir(overlay, { recursive: true });
  await writeFile(
    path.join(overlay, "overlay.toml"),
    '[container]\nmemory = "128m"\npids = 64\ncpus = 0.5\n',
  );
  await writeFile(path.join(box.repo, "devkit.toml"), '[project]\noverlays = ["tight"]\ncount = 2\n');
  expect(await box.devkit("agent", "up")).toMatchObject({ exitCode: 0 });
});

afterAll(async () => {
  killLeftProcesses();
  await box.remove();
});

const sh = (index: number, script: string) => box.devkit("exec", String(index), "--", "sh", "-c", script);
/** The other agent answers, and soon. */
const expectResponsive = async () => {
  const before = performance.now();
  expect(await sh(2, "echo here")).toMatchObject({ stdout: "here", exitCode: 0 });
  expect(performance.now() - before).toBeLessThan(RESPONSIVE_MS);
};
const memoryOf = async (index: number) => {
  const document = await box.json("agent", "list");
  const { agents } = document.data as { agents: { index: number; state: string; outOfMemory: unknown }[] };
  return agents.find((agent) => agent.index === index)?.outOfMemory;
};

test("an agent over its memory limit is told apart from a crash", async () => {
  expect(await sh(1, "kill -9 $$")).toMatchObject({ exitCode: 137, stderr: "" });
  expect(await memoryOf(1)).toBeNull();
  const killed = await box.devkit(
    "exec",
    "1",
    "--",
    "dd",
    "if=/dev/zero",
    "of=/dev/null",
    "bs=300M",
    "count=1",
  );
  expect(killed).toMatchObject({ exitCode: 137 });
  expect(killed.stderr).toContain("killed: the agent is out of memory (limit 128 MiB)");
  expect(await memoryOf(1)).toMatchObject({ kills: 1, limit: 128 * 1024 ** 2 });
  expect(await memoryOf(2)).toBeNull();
  expect((await box.devkit("agent", "status", "1")).stdout).toContain("out of memory (limit 128 MiB)");
  const own = await box.json("exec", "1", "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1");
  expect(own.warnings).toEqual(["killed: the agent is out of memory (limit 128 MiB)"]);
});

test("a full /tmp and /dev/shm leave room for rm, and the other agent as it was", async () => {
  await sh(1, "head -c 1g /dev/zero >/tmp/full; head -c 1g /dev/zero >/dev/shm/full");
  await expectResponsive();
  expect(await sh(1, "rm /tmp/full /dev/shm/full && echo gone")).toMatchObject({ stdout: "gone" });
});

test("a fork bomb is its own agent's trouble", async () => {
  // A shell that cannot fork ends: all of them may, and then nothing is left of the bomb but what sleeps.
  const sleepers = "i=0; while [ $i -lt 48 ]; do sleep 300 & i=$((i+1)); done";
  const script = `${sleepers}; bomb() { bomb | bomb & sleep 300; }; bomb`;
  const bomb = startDevkit(box, ["exec", "1", "--", "sh", "-c", script]);
  const pids = async () =>
    (await execa("docker", ["top", await idOf(1)], { reject: false })).stdout.split("\n").length;
  await box.until(async () => (await pids()) > 40);
  await expectResponsive();
  expect(await box.devkit("agent", "list")).toMatchObject({ exitCode: 0 });
  expect(await box.devkit("agent", "down", "1")).toMatchObject({ exitCode: 0 });
  await bomb.ended;
});

test("a flood of output fills no log, whoever makes it", async () => {
  const flood = startDevkit(box, ["exec", "2", "--", "sh", "-c", "yes flood | head -c 60000000"]);
  let bytes = 0;
  flood.stdout.on("data", (chunk: Buffer) => (bytes += chunk.length));
  expect(await flood.ended).toMatchObject({ code: 0 });
  expect(bytes).toBe(60_000_000);
  const { stdout: log } = await execa("docker", ["inspect", "--format", "{{.LogPath}}", await idOf(2)]);
  expect((await stat(log)).size).toBeLessThan(100_000);
  const { stdout } = await execa("docker", [
    "inspect",
    "--format",
    "{{json .HostConfig.LogConfig}}",
    await idOf(2),
  ]);
  expect(JSON.parse(stdout)).toEqual({ Type: "json-file", Config: { "max-file": "2", "max-size": "10m" } });
});

test("a budget refuses more agents than have room, and says how many do", async () => {
  await writeFile(
    path.join(box.repo, "devkit.toml"),
    '[project]\noverlays = ["tight"]\n[budget]\nmemory = "256m"\n',
  );
  const refused = await box.json("agent", "up", "3");
  expect([refused.exitCode, refused.error?.code, refused.error?.hint]).toEqual([
    5,
    "E_BUDGET",
    "so many fit: devkit agent up 2; or add --force",
  ]);
  expect(await box.containers()).toHaveLength(2);
  expect(await box.json("agent", "up")).toMatchObject({ exitCode: 2, error: { code: "E_USAGE" } });
});

async function idOf(index: number): Promise<string> {
  const found = (await box.containers()).find(({ name }) => name.endsWith(`agent-${String(index)}`));
  return found?.id ?? "";
}
