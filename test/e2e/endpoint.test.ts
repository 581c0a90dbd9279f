import { execa } from "execa";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KILLS } from "../support/race/kill.js";
import { prepareField } from "../support/race/field.js";
import { race } from "../support/race/race.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

/** As many as the machine has room for; each takes a second to make. */
const AGENTS = Number(process.env["DEVKIT_RACE_AGENTS"] ?? 2);
const RACED = AGENTS > 3 ? 200 : AGENTS * 9;
const KILLED = Number(process.env["DEVKIT_RACE_KILLS"] ?? (AGENTS > 3 ? 40 : KILLS.length));

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  await prepareField(box);
  for (const title of ["Implement OAuth login", "Rate limits"]) await box.devkit("task", "add", title);
  const { exitCode, stderr } = await box.devkit("agent", "up", String(AGENTS));
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("task pool") as string]);
});

afterAll(() => box.remove());

const inside = async (index: number, script: string) => {
  const { exitCode, stdout, stderr } = await box.devkit("exec", String(index), "--", "bash", "-c", script);
  return exitCode === 0 ? stdout : `${String(exitCode)}: ${stderr.split("\n")[0] ?? ""}`;
};
const broker = async () => {
  const filters = [
    "--filter",
    `label=dev.devkit.root=${box.repo}`,
    "--filter",
    "label=dev.devkit.role=broker",
  ];
  return (await execa("docker", ["ps", "-aq", ...filters])).stdout;
};

test("an agent claims, notes and finishes from inside, as itself, and the host sees it", async () => {
  expect(await inside(1, "devkit task next --start")).toBe("Started: TSK-1 - Implement OAuth login");
  expect(await inside(1, "cd ~ && devkit status")).toMatch(
    /^Agent: {2}agent-1\nBranch: agent\/agent-1\/idle\nTask: {3}TSK-1 - Implement OAuth login \(claim 1\)\n/,
  );
  expect(await inside(2, "devkit task done TSK-1")).toMatch(
    /^5: error: agent-2 has not claimed TSK-1: agent-1 has it/,
  );
  expect(await inside(1, "devkit task note TSK-1 'half done' && devkit task done -m done")).toContain(
    "Done: TSK-1",
  );
  const shown = await box.json("task", "show", "TSK-1");
  expect(shown.data.task).toMatchObject({
    status: "done",
    branch: "agent/agent-1/idle",
    notes: [
      { by: "agent-1", text: "half done" },
      { by: "agent-1", text: "done" },
    ],
  });
});

test("nothing is done when nothing is to do, and devkit says how the endpoint is", async () => {
  const id = await broker();
  expect((await box.devkit("agent", "up", String(AGENTS))).stdout).toContain("nothing to do");
  expect(await broker()).toBe(id);
  expect((await box.devkit("doctor")).stdout).toMatch(/✓ endpoint +every agent has one/);
  const shared = (await box.json("status")).data as { containers: { role: string }[] };
  expect(shared.containers.find(({ role }) => role === "broker")).toMatchObject({
    state: "running",
    serves: Array.from({ length: AGENTS }, (_, position) => `agent-${String(position + 1)}`),
  });
});

test("it comes back when it is killed; when it is down, clients and the host say so, and devkit up mends it", async () => {
  await execa("docker", ["exec", "-u", "0", await broker(), "sh", "-c", "kill -9 $(pidof node)"], {
    reject: false,
  });
  await box.until(async () => (await inside(1, "devkit task current")).includes("works on no task"));
  await execa("docker", ["stop", "-t", "1", await broker()]);
  const down = await box.devkit("exec", "1", "--", "devkit", "status");
  expect([down.exitCode, down.stderr]).toEqual([3, expect.stringContaining("does not answer") as string]);
  expect((await box.devkit("agent", "status", "1")).stdout).toMatch(
    /endpoint +exited: it does not reach the task pool/,
  );
  expect((await box.devkit("doctor")).stdout).toMatch(
    /endpoint +the endpoint is exited\n.*\n.*fix: devkit up/,
  );
  expect((await box.devkit("up")).stdout).toContain("the endpoint is exited");
  expect(await inside(1, "devkit status")).toContain("Agent:  agent-1");
});

test(
  `${String(AGENTS)} agents race for ${String(RACED)} tasks through it while they and it are killed: each is one live agent's at a time, and done once`,
  { timeout: 600_000 },
  async () => {
    const titles = Array.from({ length: RACED }, (_, position) => `- [ ] raced ${String(position)}`);
    await box.devkitWith({ stdin: "pipe", input: titles.join("\n") }, "task", "import", "-");
    const kills = Array.from({ length: KILLED }, (_, position) => KILLS[position % KILLS.length] ?? "freeze");
    const pace = {
      rough: 5,
      killMs: 80,
      ...(AGENTS > 3 ? { workMs: 800, downMs: 8000 } : { workMs: 100, downMs: 500 }),
    };
    const result = await race(box, { agents: AGENTS, kills, ...pace });
    const { violations, raced, done, fenced } = result;
    // Nobody stood still for nothing: what it said when it went on came too late.
    const seen = { violations, isAll: raced > RACED && done === raced, isFenced: fenced > 0 };
    expect(seen, JSON.stringify(result)).toEqual({ violations: [], isAll: true, isFenced: true });
    if (AGENTS > 3) console.log(result);
  },
);

test("the socket goes with its agent, and the broker with the last one", async () => {
  const shown = await box.json("agent", "status", "1");
  const sockets = path.resolve(String(shown.data.agents[0].home), "../../../broker/sockets");
  expect(
    (await box.devkit("agent", "kill", ...Array.from({ length: AGENTS - 1 }, (_, at) => String(at + 2))))
      .exitCode,
  ).toBe(0);
  await expect(readFile(path.join(sockets, "agent-2/sock"))).rejects.toThrow("ENOENT");
  expect(await inside(1, "devkit status")).toContain("Agent:  agent-1");
  expect((await box.devkit("agent", "kill", "1")).exitCode).toBe(0);
  expect(await broker()).toBe("");
});
