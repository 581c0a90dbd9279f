import { execa } from "execa";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentsOf, createSandbox, operationsOf, PROGRAM, type Sandbox } from "../support/sandbox.js";

/** Enough files that a checkout takes long enough to be cut off. */
const FILES = Object.fromEntries(
  Array.from({ length: 2000 }, (_, i) => [`d${String(i % 40)}/f${String(i)}`, `${String(i)}\n`]),
);
/** Each takes ten seconds; a longer run asks for more. */
const ROUNDS = Number(process.env["DEVKIT_CRASH_ROUNDS"] ?? 3);

let box: Sandbox;
let stateDir: string | undefined;

beforeAll(async () => {
  box = await createSandbox({ files: FILES });
  await box.setIdentity();
});

afterAll(() => box.remove());

/** Starts `agent up 5`; the promise ends when the process does. */
const start = () =>
  execa(process.execPath, [PROGRAM, "agent", "up", "5"], {
    cwd: box.repo,
    env: box.env,
    extendEnv: false,
    reject: false,
  });

test("two agent up 5 at once: both succeed, five agents, no duplicates", async () => {
  const [first, second] = await Promise.all([start(), start()]);
  expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
  await expectWhole();
  const status = await box.json("agent", "status", "1");
  stateDir = path.dirname(
    path.dirname((status.data as { agents: { home: string }[] }).agents[0]?.home ?? ""),
  );
});

test(
  `kill -9 at ${String(ROUNDS)} moments of agent up 5: the next one converges and nothing is lost`,
  { timeout: 600_000 },
  async () => {
    await box.devkit(
      "exec",
      "1",
      "--",
      "sh",
      "-c",
      "echo kept > mine.txt; git add mine.txt; git commit -qm mine; echo draft > draft.txt",
    );
    await forget([3, 4, 5]);
    const began = performance.now();
    expect((await start()).exitCode).toBe(0);
    const whole = performance.now() - began;
    for (let round = 0; round < ROUNDS; round += 1) {
      await forget([3, 4, 5]);
      const running = start();
      // The moment is what varies here: from before the lock is taken until the end.
      const kill = setTimeout(() => running.kill("SIGKILL"), (whole * (round + Math.random())) / ROUNDS);
      await running;
      clearTimeout(kill);
      const next = await box.devkit("agent", "up", "5");
      expect(next, `round ${String(round)}`).toMatchObject({ exitCode: 0 });
      await expectWhole();
    }
    const worktree = path.join(box.repo, ".devkit/agents/agent-1");
    expect(await readFile(path.join(worktree, "draft.txt"), "utf8")).toBe("draft\n");
    await box.devkit("agent", "sync");
    expect(await box.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("mine");
    expect(await box.git("fsck", "--no-dangling")).toBe("");
  },
);

test(
  "kill -9 at moments of agent sync: the next one brings home what the agent has, rewritten or not",
  { timeout: 300_000 },
  async () => {
    const sync = ["agent", "sync", "2"];
    const began = performance.now();
    await commit(2, "first");
    expect(await box.devkit(...sync)).toMatchObject({ exitCode: 0 });
    const whole = performance.now() - began;
    for (let round = 0; round < ROUNDS; round += 1) {
      // Every other round rewrites what the host has, which is where a sync cut off could be taken for the host's own work.
      await commit(2, `round ${String(round)}`, ...(round % 2 === 0 ? [] : ["--amend"]));
      const running = execa(process.execPath, [PROGRAM, ...sync], {
        cwd: box.repo,
        env: box.env,
        extendEnv: false,
        reject: false,
      });
      const kill = setTimeout(() => running.kill("SIGKILL"), (whole * (round + Math.random())) / ROUNDS);
      await running;
      clearTimeout(kill);
      expect(await box.devkit(...sync), `round ${String(round)}`).toMatchObject({ exitCode: 0 });
      const inside = await box.devkit("exec", "2", "--", "git", "rev-parse", "HEAD");
      expect(await box.git("rev-parse", "agent/agent-2/idle")).toBe(inside.stdout);
      expect(await box.git("-C", ".devkit/agents/agent-2", "status", "--porcelain")).toBe("");
    }
    expect(await box.git("fsck", "--no-dangling")).toBe("");
  },
);

test("a lock of a process that is gone does not stop anybody, and doctor names it", async () => {
  const locks = path.join(box.repo, ".devkit/locks");
  const [name = ""] = (await readdir(locks)).filter((file) => file.startsWith("agents."));
  const holder = JSON.parse(await readFile(path.join(locks, name), "utf8")) as Record<string, unknown>;
  await writeFile(path.join(locks, name), JSON.stringify({ ...holder, pid: 4_000_000, released: false }));
  const doctor = await box.json("doctor");
  expect(JSON.stringify(doctor.data)).toContain("agents of a dead process");
  expect((await box.devkit("agent", "up", "5")).exitCode).toBe(0);
});

async function commit(index: number, message: string, ...flags: string[]): Promise<void> {
  const argv = ["git", "commit", "-q", "--allow-empty", ...flags, "-m", message];
  expect(await box.devkit("exec", String(index), "--", ...argv)).toMatchObject({ exitCode: 0 });
}

/** Five running agents with clean worktrees, an empty plan, and nothing of an earlier attempt left anywhere. */
async function expectWhole(): Promise<void> {
  expect((await box.containers()).map(({ name, state }) => `${name.slice(-7)} ${state}`).sort()).toEqual(
    [1, 2, 3, 4, 5].map((index) => `agent-${String(index)} running`),
  );
  expect(operationsOf(await box.json("agent", "up", "5", "--dry-run"))).toEqual([]);
  expect(agentsOf(await box.json("agent", "list")).map(({ branch }) => branch)).toEqual(
    [1, 2, 3, 4, 5].map((index) => `agent/agent-${String(index)}/idle`),
  );
  expect((await box.git("worktree", "list")).split("\n")).toHaveLength(6);
  const clean = await Promise.all(
    [2, 3, 4, 5].map((index) => box.devkit("exec", String(index), "--", "git", "status", "--porcelain")),
  );
  for (const status of clean) expect(status).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  const agents = path.join(box.repo, ".devkit/agents");
  expect((await readdir(agents)).sort()).toEqual([1, 2, 3, 4, 5].map((index) => `agent-${String(index)}`));
  expect(
    (await readdir(path.join(box.repo, ".devkit/locks"))).filter((file) => file.startsWith(".")),
  ).toEqual([]);
  const admin = await readdir(path.join(box.repo, ".git/worktrees"), { recursive: true });
  expect(admin.filter((file) => file.endsWith(".lock"))).toEqual([]);
  const homes = stateDir;
  if (homes !== undefined) {
    const state = await Promise.all((await readdir(homes)).map((agent) => readdir(path.join(homes, agent))));
    expect(state.flat().filter((file) => /^\.|sync-pending/.test(file))).toEqual([]);
  }
}

/** Takes agents away as if they had never been, by hand. */
async function forget(indexes: readonly number[]): Promise<void> {
  const names = indexes.map((index) => `agent-${String(index)}`);
  const containers = (await box.containers()).filter(({ name }) => names.some((one) => name.endsWith(one)));
  if (containers.length > 0) await execa("docker", ["rm", "-f", ...containers.map(({ id }) => id)]);
  const last = containers.at(0)?.name;
  if (last !== undefined) {
    // One of the networks too, which egress is on.
    const egress = last.replace(/agent-\d+$/, "egress");
    await execa("docker", ["network", "disconnect", "-f", last, egress]);
    await execa("docker", ["network", "rm", last]);
  }
  for (const name of names) {
    await box.git("worktree", "remove", "-f", "-f", path.join(".devkit/agents", name));
    await box.git("branch", "-D", `agent/${name}/idle`);
    await rm(path.join(stateDir ?? "", name), { recursive: true, force: true });
  }
}
