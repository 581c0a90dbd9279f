import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { killAgents, type KillCare } from "../../../../src/app/custody/kill.js";
import { restoreAgent } from "../../../../src/app/custody/restore.js";
import { makeOnHost } from "../../../../src/app/host-runtime/make-on-host.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createFakeProgress } from "../../fakes/progress.js";
import { bringUpAgents, type Agents } from "../../support/agents.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

const AGENT = agentAt(1);
let repo: Repo;
let agents: Agents;
let worktree: string;
let inside: (...args: string[]) => Promise<string>;

/** An agent without a container in a repository with a submodule, which the user has checked out there. */
beforeEach(async () => {
  const other = await createRepo({ at: "other", files: { "lib.txt": "first\n" } });
  repo = await createRepo();
  await repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", other.root, "lib");
  await repo.commit("lib");
  agents = await bringUpAgents(repo, 0);
  const { deps } = agents;
  worktree = agentPaths(deps.project, AGENT).worktree;
  inside = (...args) => gitIn(path.join(worktree, "lib"), ...args);
  await deps.state.enrol(deps.project, AGENT, "host");
  await makeOnHost(deps, [{ agent: AGENT, branch: "agent/agent-1/idle" }], {
    ...{ settings: DEFAULT_SETTINGS, settingsOf: () => DEFAULT_SETTINGS, hasSession: false, force: false },
    ...{ signal: new AbortController().signal, onBegin: () => Promise.resolve() },
  });
  await gitIn(worktree, "-c", "protocol.file.allow=always", "submodule", "update", "--init", "-q");
});

const kill = async (force = false, deps = agents.deps, care?: KillCare) => {
  const request = { selectors: ["1"], base: "HEAD", spec: agents.spec, now: new Date(), care };
  const { outcomes } = await killAgents(deps, { ...request, force });
  for (const { error } of outcomes) if (error !== undefined) throw error;
};

test("what a submodule has and nothing else has keeps its agent from being killed", async () => {
  await writeFile(path.join(worktree, "lib/lib.txt"), "changed\n");
  expect((await errorOf(kill())).message).toBe("agent-1 has uncommitted changes in the submodule lib");
  await inside("commit", "-qam", "work");
  expect((await errorOf(kill())).message).toMatch(/^agent-1 has 1 commit in the submodule lib neither/);
  await inside("push", "-q", "origin", "HEAD:refs/heads/work");
  await writeFile(path.join(worktree, "lib/lib.txt"), "stashed\n");
  await inside("stash", "-q");
  expect((await errorOf(kill())).message).toMatch(/^agent-1 has 2 commits in the submodule lib neither/);
  await inside("stash", "drop", "-q");
  await kill();
});

test("it comes back from the trash, with what git was in the middle of, where another has its name by now", async () => {
  await inside("commit", "-q", "--allow-empty", "-m", "work");
  await writeFile(path.join(worktree, "lib/lib.txt"), "changed\n");
  await gitIn(worktree, "bisect", "start");
  await kill(true);
  await repo.git("worktree", "add", "-q", path.join(repo.root, "../agent-1"));
  await restoreAgent(agents.deps, "agent-1");
  expect(await inside("log", "-1", "--format=%s")).toBe("work");
  expect(await inside("diff", "--name-only")).toBe("lib.txt");
  expect(await readFile(path.join(worktree, "lib/lib.txt"), "utf8")).toBe("changed\n");
  expect((await errorOf(kill())).message).toMatch(/submodule lib, .*, a bisect in progress$/);
  expect(await repo.git("worktree", "prune", "-n", "-v")).toBe("");
});

test("what its program leaves when it is ended keeps it, and that it was ended is said", async () => {
  const progress = createFakeProgress();
  const nothing = () => Promise.resolve();
  const care: KillCare = {
    ...{ begin: nothing, end: nothing, endSession: nothing, releaseClaims: nothing },
    ownCommands: () => Promise.resolve(0),
    async endProgram() {
      await writeFile(path.join(worktree, "late.txt"), "");
      return true;
    },
  };
  const error = await errorOf(kill(false, { ...agents.deps, progress }, care));
  expect(error.message).toBe("agent-1 has 1 untracked file");
  expect(progress.warnings).toEqual([
    "the session of agent-1 was ended for this; where to start its program: devkit agent status 1",
  ]);
});
