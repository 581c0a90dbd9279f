import { execa } from "execa";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Sandbox } from "../support/sandbox.js";
import { stateOf } from "./state-of.js";
import type { World } from "./world.js";

/** What was made once and is nowhere any more, in words: commits, files that are in no commit, tasks, rules. */
export async function findLosses(world: World): Promise<string[]> {
  const found = await Promise.all([
    findLostCommits(world),
    findLostDrafts(world),
    findLostTasks(world),
    findLostRules(world),
    findBroken(world),
  ]);
  return found.flat();
}

/** A commit has to be in the history of a ref; or with its agent, which is there or in the trash; or in a proof, which others fetch from. */
async function findLostCommits({ box, ledger }: World): Promise<string[]> {
  const kept = new Set((await box.git("rev-list", "--all")).split("\n"));
  const isMissing = (oid: string) => !kept.has(oid);
  const made = await ledger.list("commits");
  if (!made.some(isMissing)) return [];
  for (const place of await privateDirs(await stateOf(box))) {
    const { stdout } = await git(box, `--git-dir=${place}`, "rev-list", "--all", "HEAD");
    for (const oid of stdout.split("\n")) kept.add(oid);
  }
  for (const bundle of await proofBundles(box.dir)) {
    const { stdout } = await git(box, "bundle", "list-heads", bundle);
    for (const line of stdout.split("\n")) kept.add(line.split(" ")[0] ?? "");
  }
  return made.filter(isMissing).map((oid) => `commit ${oid} is in no ref, in no agent and in no proof`);
}

function git({ repo, env }: Sandbox, ...args: string[]) {
  return execa("git", args, { cwd: repo, env, reject: false });
}

async function privateDirs(state: string): Promise<string[]> {
  const places = ["agents", "trash"].map((name) => path.join(state, name));
  const found = await Promise.all(
    places.map(async (place) => (await namesIn(place)).map((name) => path.join(place, name, "git"))),
  );
  return found.flat();
}

async function proofBundles(dir: string): Promise<string[]> {
  const proofs = (await namesIn(dir)).filter((name) => name.startsWith("proof-"));
  const found = await Promise.all(
    proofs.map(async (name) => {
      const agents = path.join(dir, name, "agents");
      return (await namesIn(agents)).map((agent) => path.join(agents, agent, "commits.bundle"));
    }),
  );
  return found.flat();
}

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

/** Each has a word that is nowhere else: it has to be in a worktree or in the trash. */
async function findLostDrafts({ box, ledger }: World): Promise<string[]> {
  const places = ["agents", "trash"].map((name) => path.join(box.repo, ".devkit", name));
  const args = ["-rhoE", "--include=draft-*", "^draft-[a-z0-9]+$", ...places];
  const { stdout } = await execa("grep", args, { reject: false });
  const kept = new Set(stdout.split("\n"));
  const made = await ledger.list("drafts");
  return made
    .filter((draft) => !kept.has(draft))
    .map((draft) => `${draft} is in no worktree and not in the trash`);
}

async function findLostTasks({ box, ledger }: World): Promise<string[]> {
  const directory = path.join(box.repo, ".devkit/refs/tasks");
  const broken: string[] = [];
  const names = await namesIn(directory);
  for (const name of names) {
    const text = await readFile(path.join(directory, name), "utf8");
    try {
      const { status } = JSON.parse(text) as { status?: unknown };
      if (typeof status !== "string") broken.push(`task ${name} has no status`);
    } catch {
      broken.push(`task ${name} cannot be read: ${text.slice(0, 80)}`);
    }
  }
  const gone = (await ledger.list("tasks")).filter((id) => !names.includes(id));
  return [...broken, ...gone.map((id) => `task ${id} is gone`)];
}

async function findLostRules(world: World): Promise<string[]> {
  const allowed = await world.ledger.list("allowed");
  if (allowed.length === 0) return [];
  const { stdout } = await execa(
    "grep",
    ["-rhoE", "word[0-9]+end\\.example\\.com", await stateOf(world.box)],
    {
      reject: false,
    },
  );
  const kept = new Set(stdout.split("\n"));
  return allowed.filter((name) => !kept.has(name)).map((name) => `${name} is allowed no more`);
}

/** The repository itself: whole, and no file of the primary changed. */
async function findBroken({ box }: World): Promise<string[]> {
  const check = await execa("git", ["fsck", "--no-dangling", "--no-progress"], {
    ...{ cwd: box.repo, env: box.env, reject: false, all: true },
  });
  const status = await box.git("status", "--porcelain");
  return [
    ...(check.exitCode === 0 ? [] : [`git fsck: ${check.all}`]),
    ...(status === "" ? [] : [`the primary's files are not those of its HEAD: ${status}`]),
  ];
}
