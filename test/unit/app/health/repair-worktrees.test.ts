import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { CHECKS } from "../../../../src/app/health/checks.js";
import { idleBranch } from "../../../../src/domain/identity/names.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { bringUpAgents, type Agents } from "../../support/agents.js";
import { createHealthStand, type HealthStand } from "../../support/health-stand.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";

const ONLY = CHECKS.filter(({ name }) => name === "worktrees" || name === "custody");

let repo: Repo;
let agents: Agents;
let stand: HealthStand;
let place: string;

/** An agent, and a worktree without one, in a repository with git itself. */
beforeEach(async () => {
  repo = await createRepo();
  agents = await bringUpAgents(repo, 1);
  stand = await createHealthStand(0);
  stand.deps = agents.deps;
  stand.machine.findCopied = () => Promise.resolve([]);
  place = path.join(repo.root, ".devkit/agents/agent-5");
});

async function addWorktree(branch: string | undefined): Promise<void> {
  await agents.deps.worktrees.add({ worktree: place, branch, start: "HEAD", reason: "devkit agent-5" });
}

const checkOut = () => agents.deps.worktrees.checkout(place);
const commit = () => gitIn(place, "commit", "-q", "--allow-empty", "-m", "work");
const listed = () => repo.git("worktree", "list");

async function repair(): Promise<string[]> {
  const { actions } = await stand.repair({ apply: true, checks: ONLY });
  expect(actions.map(({ error }) => error)).toEqual(actions.map(() => undefined));
  return actions.map(({ action }) => action);
}

test("nothing is wrong with an agent and a worktree that are whole", async () => {
  await addWorktree(idleBranch(agentAt(5)));
  await checkOut();
  expect(await repair()).toEqual([]);
  expect(await listed()).toContain(place);
});

test("git forgets a worktree that was deleted; the commits of its branch stay", async () => {
  await addWorktree("agent/agent-5/idle");
  await checkOut();
  await commit();
  const tip = await repo.git("rev-parse", "agent/agent-5/idle");
  await rm(place, { recursive: true });
  expect(await repair()).toEqual([`let git forget the worktree ${place}`]);
  expect(await listed()).not.toContain(place);
  expect(await repo.git("rev-parse", "agent/agent-5/idle")).toBe(tip);
});

test("one on no branch, with commits that are nowhere else, is only told of", async () => {
  await addWorktree(undefined);
  await checkOut();
  await commit();
  await rm(place, { recursive: true });
  const [trouble] = await stand.troubles("worktrees");
  expect(trouble).toMatchObject({ repair: undefined });
  expect(trouble?.fix).toMatch(/^git branch agent-5-rescued [0-9a-f]{40} && devkit worktrees prune --apply$/);
  expect(await repair()).toEqual([]);
  expect(await listed()).toContain(place);
});

test("a lost .git file comes back, and not one file is touched", async () => {
  await addWorktree("agent/agent-5/idle");
  await checkOut();
  await writeFile(path.join(place, "draft.txt"), "draft");
  await rm(path.join(place, ".git"));
  expect(await repair()).toEqual([`repair the worktree ${place}`]);
  expect(await readFile(path.join(place, "draft.txt"), "utf8")).toBe("draft");
  expect(await gitIn(place, "status", "--porcelain")).toBe("?? draft.txt");
});

test("a checkout that was cut off before it began is finished", async () => {
  await addWorktree("agent/agent-5/idle");
  expect(await repair()).toEqual([`finish the checkout of ${place}`]);
  expect(await gitIn(place, "status", "--porcelain")).toBe("");
  expect(await repair()).toEqual([]);
});

test("files whose index is lost are left to the user, who gets them back as they are", async () => {
  await addWorktree("agent/agent-5/idle");
  await checkOut();
  await rm(path.join(repo.commonDir, "worktrees/agent-5/index"));
  const [trouble] = await stand.troubles("worktrees");
  expect(trouble).toMatchObject({ fix: `git -C '${place}' reset`, repair: undefined });
  await gitIn(place, "reset", "-q");
  expect(await stand.troubles("worktrees")).toEqual([]);
});

test("what an agent borrows is kept from git gc again", async () => {
  const ref = "refs/devkit/base/agent-1";
  await repo.git("update-ref", "-d", ref);
  expect(await repair()).toEqual(["keep what agent-1 borrows from git gc"]);
  expect(await repo.git("rev-parse", ref)).toBe(await repo.git("rev-parse", "agent/agent-1/idle"));
});
