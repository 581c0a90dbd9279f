import { readdir } from "node:fs/promises";
import path from "node:path";
import { workScript } from "./ledger.js";
import type { CommandName } from "./plan.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** A command that something goes wrong under, and the one that has to put everything right after it. */
export interface Job {
  readonly args: readonly string[];
  /** Usually the same once more. */
  readonly next: readonly string[];
  /** Exit codes with which the next one may end, besides 0. */
  readonly also?: readonly number[];
  /** Once it has ended well: what holds from now on. */
  readonly promise?: () => Promise<void>;
}

/** Gives a command something to do. Agents 1 and 2 are always there, and run; agent 3 comes and goes. */
export async function prepareJob(world: World, name: CommandName, random: Random): Promise<Job> {
  await dismissGuests(world);
  const running = (await world.box.containers()).filter(({ state }) => state === "running");
  const isUp = (agent: string) => running.some((one) => one.name.endsWith(`-${agent}`));
  if (!isUp("agent-1") || !isUp("agent-2")) await world.must("agent", "up", "2");
  return PREPARE[name](world, random);
}

const NO_AGENT = 4;

const PREPARE: Record<CommandName, (world: World, random: Random) => Promise<Job>> = {
  async up(world) {
    if ((await agentsOf(world)).includes("agent-3")) await world.must("agent", "kill", "3", "--force");
    return repeated("agent", "up", "3");
  },
  async spawn(world, random) {
    const count = random.whole(1, 2);
    for (let made = 0; made < count; made += 1) await addTask(world);
    return repeated("agent", "spawn", "--count", String(count));
  },
  async assign(world) {
    const task = await addTask(world);
    return repeated("agent", "assign", "1", task, "--force");
  },
  async sync(world) {
    await work(world, "1");
    await work(world, "2");
    return repeated("agent", "sync");
  },
  async merge(world) {
    await work(world, "2");
    return repeated("agent", "merge", "2");
  },
  async kill(world) {
    await world.must("agent", "up", "3");
    await work(world, "3");
    return { ...repeated("agent", "kill", "3", "--force"), also: [NO_AGENT] };
  },
  async run(world, random) {
    const task = random.next() < 0.5 ? [] : ["--task", await addTask(world)];
    const out = path.join(world.box.dir, `proof-${world.word()}`);
    const script = ["sh", "-c", workScript(world.word())];
    return { args: ["run", ...task, "--out", out, "--", ...script], next: ["agent", "list"] };
  },
  "ssh-setup": () => Promise.resolve(repeated("ssh-setup", "--index", "1", "--generate", "--force")),
  allow(world) {
    const name = `${world.word()}.example.com`;
    const promise = () => world.ledger.add("allowed", name);
    return Promise.resolve({ ...repeated("allow", name), promise });
  },
};

function repeated(...args: string[]): Job {
  return { args, next: args };
}

/** The names of the agents that have a worktree. */
export async function agentsOf({ box }: World): Promise<string[]> {
  return readdir(path.join(box.repo, ".devkit/agents"));
}

/** Agents beyond the third were spawned for one fault. */
async function dismissGuests(world: World): Promise<void> {
  const guests = (await agentsOf(world)).filter((name) => !["agent-1", "agent-2", "agent-3"].includes(name));
  if (guests.length > 0) await world.must("agent", "kill", "--force", ...guests);
}

async function addTask(world: World): Promise<string> {
  const { stdout } = await world.must("--json", "task", "add", world.word());
  const { data } = JSON.parse(stdout) as { data: { task: { id: string } } };
  await world.ledger.add("tasks", data.task.id);
  return data.task.id;
}

async function work(world: World, agent: string): Promise<void> {
  await world.must("exec", agent, "--", "sh", "-ec", workScript(world.word()));
}
