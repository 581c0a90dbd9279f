import { execa } from "execa";
import { mkdir, readFile, rm, stat, writeFile, chmod } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

interface Finding {
  readonly check: string;
  readonly verdict: string;
  readonly found: string;
  readonly fix: string | null;
}

interface Action {
  readonly action: string;
  readonly done: boolean;
  readonly error: unknown;
}

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  expect((await box.devkit("agent", "up", "2")).exitCode).toBe(0);
});

afterAll(() => box.remove());

const worktree = (name: string) => path.join(box.repo, ".devkit/agents", name);
const failed = async () => {
  const { findings } = (await box.json("doctor")).data as { findings: Finding[] };
  return findings.filter(({ verdict }) => verdict === "failed");
};
async function homeOf(agent: string): Promise<string> {
  const state = (await readFile(path.join(box.repo, ".devkit/state-dir"), "utf8")).trim();
  return path.join(state, "agents", agent, "home");
}

/** What crashes and people do, all at once: nothing of it loses anything. */
async function plant(): Promise<void> {
  const commit = "echo 1 > kept.txt; git add kept.txt; git commit -qm kept";
  expect((await box.devkit("exec", "2", "--", "sh", "-c", commit)).exitCode).toBe(0);
  await rm(worktree("agent-2"), { recursive: true });
  await chmod(await homeOf("agent-1"), 0o755);
  const { containers } = (await box.json("status")).data as { containers: { role: string; id: string }[] };
  const egress = containers.find(({ role }) => role === "egress");
  await execa("docker", ["kill", egress?.id ?? ""]);
  await box.git("update-ref", "-d", "refs/devkit/base/agent-1");
  const claim = { agent: "agent-9", number: 1, expires_at: "2999-01-01T00:00:00Z", host: hostname() };
  await mkdir(path.join(box.repo, ".devkit/refs/tasks"), { recursive: true });
  await writeFile(
    path.join(box.repo, ".devkit/refs/tasks/TSK-1"),
    JSON.stringify({
      ...{ title: "left", status: "in_progress", priority: "p1", created_at: "2026-01-01T00:00:00Z" },
      ...{ claimed_by: "agent-9", claim, claims: 1 },
    }),
  );
}

const PLANTED = [
  /^agents: not whole: agent-2: its worktree was deleted$/,
  /^homes: open to other users: agent-1: its home \(755, not 700\)$/,
  /^egress: agent-\d reaches nothing: its egress container is exited$/,
  /^custody: .*refs\/devkit\/base\/agent-1 is gone$/,
  /^tasks: TSK-1: agent-9, which has it, is no agent any more$/,
];

test("whole agents: doctor finds nothing that failed, from outside and from inside", async () => {
  expect(await failed()).toEqual([]);
  const inside = await box.json("doctor", "--agent", "1");
  const { findings } = inside.data as { findings: Finding[] };
  expect(findings.filter(({ verdict }) => verdict === "failed")).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining([
      "uid",
      "git status",
      "git commit",
      "git fetch",
      "proxy",
      "dns",
      "egress",
      "caches",
    ]),
  );
  expect(inside.exitCode).toBe(0);
});

test("planted faults are found, told with what they are mended by, mended by --fix, and nothing is lost", async () => {
  await plant();
  const before = await box.json("doctor");
  expect(before.exitCode).toBe(1);
  const found = (before.data as { findings: Finding[] }).findings.filter(({ verdict }) => verdict !== "ok");
  const lines = found.map((one) => `${one.check}: ${one.found}`);
  for (const planted of PLANTED) expect(lines).toContainEqual(expect.stringMatching(planted));
  for (const { fix } of found) expect(fix).toMatch(/\S/);

  const dry = await box.json("repair");
  const { actions } = dry.data as { actions: Action[] };
  expect(dry.exitCode).toBe(0);
  expect(actions.every(({ done }) => !done)).toBe(true);
  expect(actions.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["bring agent-2 up", "close homes to other users", "give TSK-1 back to the pool"]),
  );
  expect((await stat(await homeOf("agent-1"))).mode & 0o777).toBe(0o755);

  const fixed = await box.json("doctor", "--fix");
  const { repaired, healthy } = fixed.data as { repaired: Action[]; healthy: boolean };
  expect(repaired.filter(({ error }) => error !== null)).toEqual([]);
  expect([fixed.exitCode, healthy]).toEqual([0, true]);
  expect(await readFile(path.join(worktree("agent-2"), "kept.txt"), "utf8")).toBe("1\n");
  expect((await stat(await homeOf("agent-1"))).mode & 0o777).toBe(0o700);
  expect(await box.git("rev-parse", "refs/devkit/base/agent-1")).toMatch(/^[0-9a-f]{40}$/);
  expect((await box.devkit("task", "list")).stdout).toMatch(/TSK-1.*pending/);
  const again = await box.json("repair", "--apply");
  expect(again.data).toMatchObject({ actions: [] });
});
