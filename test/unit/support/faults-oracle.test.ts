import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLedger } from "../../faults/ledger.js";
import { findLeftovers } from "../../faults/leftovers.js";
import { findLosses } from "../../faults/losses.js";
import { planFaults } from "../../faults/plan.js";
import type { World } from "../../faults/world.js";
import { createSandbox } from "../../support/sandbox.js";

let world: World;
let state: string;
/** What the engine lists: containers, networks, volumes. */
const onEngine = { ps: "", network: "", volume: "" };
const at = (...names: string[]) => path.join(world.box.repo, ".devkit", ...names);

async function put(file: string, text: string): Promise<() => Promise<void>> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return () => rm(file);
}

beforeAll(async () => {
  const box = await createSandbox();
  const ledger = await createLedger(path.join(box.dir, "ledger"));
  const docker = (kind: string) => Promise.resolve(onEngine[kind as keyof typeof onEngine]);
  const engine = { host: undefined, kill: () => undefined, killItself: undefined, docker };
  world = { box, engine, ledger, word: () => "word1end", must: () => Promise.reject(new Error("no devkit")) };
  state = path.join(box.dir, "state");
  await mkdir(path.join(state, "agents/agent-1"), { recursive: true });
  await put(at(".gitignore"), "*\n");
  await put(at("state-dir"), `${state}\n`);
  await put(at("refs/tasks/TSK-1"), '{"status":"in_progress","claimed_by":"agent-1"}');
  await put(at("agents/agent-1/draft-word1end.txt"), "draft-word1end\n");
  await put(path.join(state, "rules.json"), '["word1end.example.com"]');
  await ledger.add("commits", await box.git("rev-parse", "HEAD"));
  await ledger.add("drafts", "draft-word1end");
  await ledger.add("tasks", "TSK-1");
  await ledger.add("allowed", "word1end.example.com");
});

afterAll(() => world.box.remove());

test("where all is as it was made, nothing is lost and nothing is left", async () => {
  expect(await findLosses(world)).toEqual([]);
  expect(await findLeftovers(world)).toEqual([]);
});

test("what is in the trash is not lost", async () => {
  const kept = await put(at("trash/agent-2-20260102T030405Z/draft-word2end.txt"), "draft-word2end\n");
  await world.ledger.add("drafts", "draft-word2end");
  expect(await findLosses(world)).toEqual([]);
  await kept();
  expect(await findLosses(world)).toEqual(["draft-word2end is in no worktree and not in the trash"]);
  await put(at("trash/agent-2-20260102T030405Z/draft-word2end.txt"), "draft-word2end\n");
});

test.each([
  ["commit", () => world.ledger.add("commits", "1".repeat(40)), /^commit 1{40} is in no ref/],
  ["task", () => world.ledger.add("tasks", "TSK-7"), /^task TSK-7 is gone$/],
  ["task's file", () => put(at("refs/tasks/TSK-2"), '{"stat'), /^task TSK-2 cannot be read/],
  ["rule", () => world.ledger.add("allowed", "word9end.example.com"), /^word9end.example.com is allowed no/],
  [
    "file of the primary",
    () => rm(path.join(world.box.repo, "README.md")),
    /^the primary's files .* D README/,
  ],
])("a lost %s is told", async (_, lose, told) => {
  await lose();
  expect(await findLosses(world)).toContainEqual(expect.stringMatching(told));
  await rm(at("refs/tasks/TSK-2"), { force: true });
});

const GONE = (role: string, name: string) => `${role}\tagent-9\t${name}\n`;

test.each([
  ["container", () => (onEngine.ps = GONE("agent", "c-9")), /^container c-9/],
  ["second egress", () => (onEngine.ps = "egress\t\tone\negress\t\ttwo\n"), /^2 containers are egress/],
  ["network", () => (onEngine.network = GONE("network", "n-9")), /^network n-9/],
  ["volume", () => (onEngine.volume = GONE("cache", "v-9")), /^volume v-9/],
  ["branch", () => world.box.git("branch", "agent/agent-9/idle"), /^ref refs\/heads\/agent\/agent-9\/idle/],
  [
    "worktree",
    () => mkdir(path.join(world.box.repo, ".git/worktrees/agent-9"), { recursive: true }),
    /^worktree agent-9/,
  ],
  ["lock of git", () => put(path.join(world.box.repo, ".git/HEAD.lock"), ""), /^\.git\/HEAD.lock$/],
  ["state directory", () => mkdir(path.join(state, "agents/agent-9")), /^state of agent-9/],
  ["note", () => put(path.join(state, "under-way/agent-9.json"), "{}"), /^note under-way\/agent-9.json$/],
  [
    "temporary file",
    () => put(path.join(state, "under-way/.agent-1.json.0123456789ab.tmp"), ""),
    /^temporary .*\.tmp$/,
  ],
  ["lock", () => put(at("locks/agents.3"), '{"pid":4194305,"released":false}'), /^lock agents.3 of a dead/],
  [
    "claim",
    () => put(at("refs/tasks/TSK-3"), '{"status":"pending","claimed_by":"agent-9"}'),
    /^claim of TSK-3/,
  ],
])("a %s that stays is told", async (_, leave, told) => {
  await leave();
  expect(await findLeftovers(world)).toContainEqual(expect.stringMatching(told));
});

test("a plan is the same for the same seed, has every kind under every command, and can be told apart", () => {
  const options = { seed: 3, count: 100, only: [], fault: undefined };
  const plan = planFaults(options);
  expect(plan).toEqual(planFaults(options));
  expect(plan).not.toEqual(planFaults({ ...options, seed: 4 }));
  expect(new Set(plan.map(({ kind, command }) => `${kind} ${command}`)).size).toBe(8 * 9);
  const disk = planFaults({ ...options, only: ["disk"] });
  expect(disk).toEqual(plan.filter(({ kind }) => kind === "disk"));
  expect(disk).toHaveLength(20);
});
