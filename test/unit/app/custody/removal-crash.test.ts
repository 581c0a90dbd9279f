import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { observePresent } from "../../../../src/app/agents/observe.js";
import { finishTrash } from "../../../../src/app/custody/finish-trash.js";
import { killAgents } from "../../../../src/app/custody/kill.js";
import { resetAgents } from "../../../../src/app/custody/reset.js";
import { restoreAgent } from "../../../../src/app/custody/restore.js";
import type { ProjectDeps } from "../../../../src/app/ports.js";
import { observeEgress } from "../../../../src/app/egress/observe-egress.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { bringUpAgents, type Agents } from "../../support/agents.js";
import { mortal } from "../../support/mortal.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";

let repo: Repo;
let agents: Agents;
const descriptions = new Map<number, string>();

/** These die in turn, where what a step leaves is whole again before the same agent's next one. */
const IN_TURN = 2;

/** So many die in one repository where what a step leaves is not. Every command looks at all of them. */
const ONCE_EACH = 6;

/** No command has as many. */
const STEPS = 40;

/** Agents with work of every kind in a repository of their own. */
async function makeAgents(count: number): Promise<void> {
  repo = await createRepo();
  const lib = await createRepo({ at: "lib" });
  await repo.git("config", "--global", "protocol.file.allow", "always");
  await repo.git("submodule", "--quiet", "add", lib.root, "lib");
  await repo.commit("with a submodule");
  agents = await bringUpAgents(repo, count);
  for (let index = 1; index <= count; index += 1) {
    await work(index);
    descriptions.set(index, await describeAgent(index));
  }
}

async function work(index: number): Promise<void> {
  await agents.commit(index, "committed.txt");
  await writeFile(path.join(agents.worktreeOf(index), "README.md"), "stashed");
  await agents.git(index, "stash", "-q");
  await writeFile(path.join(agents.worktreeOf(index), "README.md"), "changed");
  await writeFile(path.join(agents.worktreeOf(index), "new.txt"), "untracked");
  await moduleGit(index, "commit", "-q", "--allow-empty", "-m", "detached in lib");
  await moduleGit(index, "branch", "-f", "topic", "HEAD");
  await agents.sync(index);
}

const request = { force: true, base: "HEAD", now: new Date() };
const kill = (deps: ProjectDeps, index: number) =>
  killAgents(deps, { ...request, selectors: [String(index)], spec: agents.spec });
const reset = (deps: ProjectDeps, index: number) =>
  resetAgents(deps, { ...request, selectors: [String(index)], to: "main", spec: agents.spec });

const moduleGit = (index: number, ...args: string[]) => {
  const { git, worktree } = agentPaths(agents.deps.project, agentAt(index));
  const lib = path.join(worktree, "lib");
  return gitIn(lib, `--git-dir=${path.join(git, "modules/lib")}`, `--work-tree=${lib}`, ...args);
};

/** Refs of the primary's submodule that are the agent's, or keep something of it. */
const hostModuleRefs = async (index: number) => {
  const dir = path.join(repo.commonDir, "modules/lib");
  const refs = await gitIn(dir, `--git-dir=${dir}`, `--work-tree=${dir}`, "for-each-ref");
  const isIts = (line: string) => new RegExp(`/agent-${String(index)}(/|$)`).test(line);
  return refs.split("\n").filter(isIts).sort(byName);
};

const ofAgent = (index: number) => [
  expect.stringMatching(new RegExp(`refs/devkit/base/agent-${String(index)}$`)) as string,
  expect.stringMatching(new RegExp(`refs/devkit/detached/agent-${String(index)}$`)) as string,
  expect.stringMatching(new RegExp(`refs/heads/agent/agent-${String(index)}/topic$`)) as string,
];

/** What the agent sees of its own work. */
async function describeAgent(index: number): Promise<string> {
  const looks = [
    agents.git(index, "status", "--porcelain=v2", "--branch"),
    agents.git(index, "stash", "list"),
    agents.git(index, "log", "--all", "--format=%H %s"),
    agents.git(index, "diff"),
    moduleGit(index, "log", "--all", "--format=%H %s %D"),
    moduleGit(index, "status", "--porcelain"),
  ];
  return (await Promise.all(looks)).join("\n");
}

const byName = (a: string, b: string) => (a.slice(41) < b.slice(41) ? -1 : 1);

const isPresent = async (index: number) =>
  (await observePresent(agents.deps)).some(({ agent }) => agent.index === index);

const hasNetwork = async (index: number) => {
  const { networks } = await observeEgress(agents.deps);
  return networks.has(agentAt(index).name);
};

/** Nothing of any removal is left half-made, and nothing is in the trash but whole entries. */
async function expectTidy(): Promise<void> {
  expect((await agents.deps.trash.list()).filter(({ stage }) => stage !== "kept")).toEqual([]);
  const { project } = agents.deps;
  const state = await readdir(path.join(project.stateDir, "agents"));
  expect(state.sort()).toEqual((await readdir(path.join(project.devkitDir, "agents"))).sort());
}

/** Runs one command once for each step it could be killed after; answers how many steps it has. */
async function dieEverywhere(
  count: number,
  command: (deps: ProjectDeps, index: number) => Promise<unknown>,
  check: (index: number) => Promise<void>,
  prepare: (index: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<number> {
  for (let step = 1; step < STEPS; step += 1) {
    const index = ((step - 1) % count) + 1;
    if (step === 1 || (index === 1 && count === ONCE_EACH)) await makeAgents(count);
    await prepare(index);
    const { deps, changes } = mortal(agents.deps, step);
    await command(deps, index).catch(() => undefined);
    await check(index);
    if (changes() < step) return changes();
  }
  throw new Error("it has more steps than the test knows");
}

describe("killed after any step", { timeout: 300_000 }, () => {
  test("a removal is finished by the next command, and restore brings everything back", async () => {
    const known = await dieEverywhere(IN_TURN, kill, async (index) => {
      await finishTrash(agents.deps);
      if (await isPresent(index)) await kill(agents.deps, index);
      expect(await isPresent(index)).toBe(false);
      expect(await hasNetwork(index)).toBe(false);
      await expectTidy();
      const put = (await hostModuleRefs(index)).map((line) =>
        line.includes(`/trash/agent-${String(index)}/`),
      );
      expect(put).toEqual([true, true, true]);
      await restoreAgent(agents.deps, String(index));
      expect(await describeAgent(index)).toBe(descriptions.get(index));
      expect(await hostModuleRefs(index)).toEqual(ofAgent(index));
      await expectTidy();
    });
    expect(known).toBeGreaterThan(9);
  });

  test("a restore is finished by the next command", async () => {
    const known = await dieEverywhere(
      IN_TURN,
      (deps, index) => restoreAgent(deps, String(index)),
      async (index) => {
        await finishTrash(agents.deps);
        if (!(await isPresent(index))) await restoreAgent(agents.deps, String(index));
        expect(await describeAgent(index)).toBe(descriptions.get(index));
        expect(await agents.deps.worktrees.status(agents.worktreeOf(index))).toEqual({
          changed: 1,
          untracked: 1,
        });
        const left = await agents.deps.refs.list(`refs/devkit/trash/agent-${String(index)}`);
        expect([...left.keys()]).toEqual([]);
        expect(await hostModuleRefs(index)).toEqual(ofAgent(index));
        await expectTidy();
      },
      (index) => kill(agents.deps, index),
    );
    expect(known).toBeGreaterThan(6);
  });

  test("a reset leaves host and agent at one commit, and what was there can be had again", async () => {
    const known = await dieEverywhere(ONCE_EACH, reset, async (index) => {
      const main = await repo.git("rev-parse", "main");
      const name = `agent-${String(index)}`;
      expect(await agents.git(index, "log", "--all", "--format=%s")).toContain("committed.txt");
      await agents.sync(index);
      const inside = await agents.git(index, "rev-parse", "HEAD");
      expect(await repo.git("rev-parse", `agent/${name}/idle`)).toBe(
        await agents.git(index, "rev-parse", `agent/${name}/idle`),
      );
      await reset(agents.deps, index);
      expect([inside, await agents.git(index, "rev-parse", "HEAD")]).toContain(main);
      expect(await repo.git("rev-parse", `agent/${name}/idle`)).toBe(main);
      expect(await agents.git(index, "status", "--porcelain")).toBe("");
      const kept = await agents.deps.refs.list(`refs/devkit/trash/${name}`);
      const files = await Promise.all(
        [...kept.keys()].map((ref) => repo.git("ls-tree", "-r", "--name-only", ref)),
      );
      expect(files.join("\n")).toContain("committed.txt");
      expect(files.join("\n")).toContain("new.txt");
    });
    expect(known).toBeGreaterThan(6);
  });
});
