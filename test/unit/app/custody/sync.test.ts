import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { requireClean } from "../../../../src/app/custody/sync-outcome.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { bringUpAgents, spoilHead, type Agents } from "../../support/agents.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

const IDLE = "refs/heads/agent/agent-1/idle";

let repo: Repo;
let agents: Agents;
let base: string;

beforeEach(async () => {
  repo = await createRepo();
  base = await repo.git("rev-parse", "HEAD");
  agents = await bringUpAgents(repo, 2);
});

const hostStatus = (index: number) => gitIn(agents.worktreeOf(index), "status", "--porcelain", "--branch");
const rev = (ref: string) => repo.git("rev-parse", "--verify", "-q", ref).catch(() => "none");

describe("bringing commits home", () => {
  test("with nothing new costs no command in the container and no lock", async () => {
    agents.engine.containers.clear();
    expect(await agents.sync(1)).toEqual({
      agent: agentAt(1),
      updated: [],
      given: [],
      diverged: [],
      refused: [],
      unreadable: false,
      head: IDLE,
    });
    expect(agents.locks.taken.filter((name) => name.startsWith("sync"))).toEqual([]);
  });

  test("moves the branch, and the host sees the worktree clean on it", async () => {
    const work = await agents.commit(1, "one.txt");
    const outcome = await agents.sync(1);
    expect(outcome).toMatchObject({ updated: [{ ref: IDLE, from: base, to: work }], diverged: [] });
    expect(await rev(IDLE)).toBe(work);
    expect(await hostStatus(1)).toBe("## agent/agent-1/idle");
    expect(await repo.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("one.txt");
    expect(await repo.git("status", "--porcelain")).toBe("");
  });

  test("of several commits, again and again, small and large", async () => {
    await agents.commit(1, "a.txt");
    await agents.sync(1);
    await agents.commit(1, "b.txt", "x".repeat(3_000_000) + String(Math.random()));
    const work = await agents.commit(1, "c.txt");
    await agents.sync(1);
    expect(await rev(IDLE)).toBe(work);
    await repo.git("fsck", "--strict", "--full");
    expect((await agents.sync(1)).updated).toEqual([]);
  });

  test("works while the agent's container does not run", async () => {
    const work = await agents.commit(1, "one.txt");
    await agents.stop(1);
    await agents.sync(1);
    expect(await rev(IDLE)).toBe(work);
  });

  test("of two agents at once keeps them apart", async () => {
    const works = await Promise.all([agents.commit(1, "one.txt"), agents.commit(2, "two.txt")]);
    await Promise.all([agents.sync(1), agents.sync(2)]);
    expect([await rev(IDLE), await rev("refs/heads/agent/agent-2/idle")]).toEqual(works);
  });

  test("shows the agent's uncommitted files as changed, not its commits", async () => {
    await agents.commit(1, "one.txt");
    await writeFile(path.join(agents.worktreeOf(1), "README.md"), "changed");
    await agents.sync(1);
    expect(await hostStatus(1)).toBe("## agent/agent-1/idle\n M README.md");
  });
});

describe("everything an agent commits comes home", () => {
  test("on a branch of its own making, and the host follows it there", async () => {
    await agents.git(1, "checkout", "-q", "-b", "feature/login");
    const work = await agents.commit(1, "one.txt");
    const { head } = await agents.sync(1);
    expect(head).toBe("refs/heads/agent/agent-1/feature/login");
    expect(await rev("refs/heads/agent/agent-1/feature/login")).toBe(work);
    expect(await hostStatus(1)).toBe("## agent/agent-1/feature/login");
    expect(await rev(IDLE)).toBe(base);
  });

  test("on a detached HEAD", async () => {
    await agents.git(1, "checkout", "-q", "--detach");
    const work = await agents.commit(1, "one.txt");
    expect((await agents.sync(1)).head).toBe(work);
    expect(await rev("refs/devkit/detached/agent-1")).toBe(work);
    expect(await hostStatus(1)).toBe("## HEAD (no branch)");
    await agents.git(1, "checkout", "-q", "agent/agent-1/idle");
    await agents.sync(1);
    expect(await hostStatus(1)).toBe("## agent/agent-1/idle");
  });

  test("on a branch of another agent's name, below its own", async () => {
    await agents.git(1, "checkout", "-q", "-b", "agent/agent-2/idle");
    const work = await agents.commit(1, "one.txt");
    await agents.sync(1);
    expect(await rev("refs/heads/agent/agent-2/idle")).toBe(base);
    expect(await rev("refs/heads/agent/agent-1/agent/agent-2/idle")).toBe(work);
  });

  test("on a branch whose name cannot stand beside another's on the host", async () => {
    await agents.git(1, "checkout", "-q", "-b", "idle/part");
    const work = await agents.commit(1, "one.txt");
    const outcome = await agents.sync(1);
    expect(outcome.diverged).toEqual([]);
    expect(await repo.git("branch", "--contains", work, "--list", "agent/agent-1/*")).not.toBe("");
  });

  test("on a branch renamed to below its own old name, which the host still has", async () => {
    await agents.git(1, "checkout", "-q", "-b", "feature");
    await agents.commit(1, "one.txt");
    await agents.sync(1);
    await agents.git(1, "branch", "-m", "feature", "feature/login");
    const work = await agents.commit(1, "two.txt");
    const outcome = await agents.sync(1);
    expect(outcome.diverged).toEqual([]);
    expect(await repo.git("branch", "--contains", work, "--list", "agent/agent-1/*")).not.toBe("");
    expect(await hostStatus(1)).not.toContain("no branch");
  });

  test("when one of its branches diverged, the others all the same", async () => {
    await agents.commit(1, "one.txt");
    await agents.sync(1);
    const onHost = await repo.git("commit-tree", `${base}^{tree}`, "-p", base, "-m", "on the host");
    await repo.git("update-ref", IDLE, onHost);
    await agents.commit(1, "two.txt");
    await agents.git(1, "branch", "other");
    const outcome = await agents.sync(1);
    expect(outcome.diverged).toMatchObject([{ ref: IDLE, host: onHost }]);
    expect(await rev("refs/heads/agent/agent-1/other")).toBe(await agents.git(1, "rev-parse", "HEAD"));
    expect(await rev(IDLE)).toBe(onHost);
  });
});

describe("trouble", () => {
  test("an unreadable HEAD is told, and nothing else is done", async () => {
    await agents.commit(1, "one.txt");
    await spoilHead(agents, 1);
    const outcome = await agents.sync(1);
    expect(outcome.unreadable).toBe(true);
    expect((await errorOf((async () => requireClean(await Promise.resolve(outcome)))())).code).toBe("E_GIT");
    expect(await rev(IDLE)).toBe(base);
  });

  test("a broken object inside is a failure in the words of the agent's git", async () => {
    const work = await agents.commit(1, "one.txt");
    const { git } = agentPaths(agents.deps.project, agentAt(1));
    await rm(path.join(git, "objects", work.slice(0, 2), work.slice(2)), { force: true });
    const error = await errorOf(agents.sync(1));
    expect(error.code).toBe("E_GIT");
    expect(error.message).toContain("inside the agent");
    expect(await rev(IDLE)).toBe(base);
  });

  test("a commit that was refused stays refused, however often it is sent", async () => {
    const evil = '[submodule "x"]\n\tpath = x\n\turl = -u./evil\n';
    await agents.commit(1, ".gitmodules", evil);
    for (let round = 0; round < 3; round += 1) {
      expect((await errorOf(agents.sync(1))).code).toBe("E_PACK_REFUSED");
      expect(await rev(IDLE)).toBe(base);
    }
  });

  test("a sync that was cut off after the branch moved is finished by the next", async () => {
    const work = await agents.commit(1, "one.txt");
    const broken = agents.deps.history.moveHead;
    Object.assign(agents.deps.history, { moveHead: () => Promise.reject(new Error("killed")) });
    await agents.sync(1).catch(() => undefined);
    expect(await rev(IDLE)).toBe(work);
    expect(await hostStatus(1)).toContain("one.txt");
    Object.assign(agents.deps.history, { moveHead: broken });
    await agents.sync(1);
    expect(await hostStatus(1)).toBe("## agent/agent-1/idle");
  });

  test("one bad branch does not keep the others away", async () => {
    const good = await agents.commit(1, "good.txt");
    await agents.git(1, "checkout", "-q", "-b", "bad");
    await agents.commit(1, ".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = -u./evil\n');
    await agents.git(1, "checkout", "-q", "agent/agent-1/idle");
    const outcome = await agents.sync(1);
    expect(await rev(IDLE)).toBe(good);
    expect(await rev("refs/heads/agent/agent-1/bad")).toBe("none");
    expect(outcome.refused).toMatchObject([{ ref: "refs/heads/bad" }]);
  });

  test("an embedded repository stays away, beside a good branch and however often it is sent", async () => {
    const good = await agents.commit(1, "good.txt");
    await agents.git(1, "checkout", "-q", "-b", "bad");
    await agents.git(1, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},tool`);
    await agents.git(1, "commit", "-q", "-m", "embeds");
    for (let round = 0; round < 3; round += 1) {
      const outcome = await agents.sync(1);
      expect(outcome.refused).toMatchObject([{ ref: "refs/heads/bad" }]);
      expect(await rev("refs/heads/agent/agent-1/bad")).toBe("none");
      expect(await rev(IDLE)).toBe(good);
    }
  });

  test("a faulty commit that is here already, whoever brought it, gets no ref", async () => {
    await agents.git(1, "checkout", "-q", "-b", "bad");
    await agents.git(1, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},tool`);
    await agents.git(1, "commit", "-q", "-m", "embeds");
    const { git } = agentPaths(agents.deps.project, agentAt(1));
    await repo.git("fetch", "-q", git, "refs/heads/bad");
    await rm(path.join(repo.commonDir, "FETCH_HEAD"));
    expect((await agents.sync(1)).refused).toMatchObject([{ ref: "refs/heads/bad" }]);
    expect(await rev("refs/heads/agent/agent-1/bad")).toBe("none");
  });

  test("what stands among the branches and is none is named, and does not keep the others away", async () => {
    const work = await agents.commit(1, "one.txt");
    const { git } = agentPaths(agents.deps.project, agentAt(1));
    await writeFile(path.join(git, "refs/heads/junk\u001b[31m"), `${work}\n`);
    const outcome = await agents.sync(1);
    expect(outcome.refused).toMatchObject([{ ref: "refs/heads/junk·[31m" }]);
    expect(await rev(IDLE)).toBe(work);
  });

  test("an agent that commits while it is asked is taken as far as it has come", async () => {
    await agents.commit(1, "one.txt");
    const { connected } = agents.deps.history;
    let later = "";
    Object.assign(agents.deps.history, {
      connected: async (oids: readonly string[]) => {
        if (later === "") {
          await agents.git(1, "commit", "-q", "--amend", "-m", "meanwhile");
          later = await agents.git(1, "rev-parse", "HEAD");
        }
        return connected(oids);
      },
    });
    expect((await agents.sync(1)).updated).toMatchObject([{ to: later }]);
    expect(await rev(IDLE)).toBe(later);
  });

  test("leaves nothing of what was sent", async () => {
    await agents.commit(1, "one.txt");
    await agents.sync(1);
    const { state } = agentPaths(agents.deps.project, agentAt(1));
    expect((await readdir(state)).sort()).toEqual(["dotgit", "git", "group", "home", "passwd", "sync"]);
    const objects = await readdir(path.join(repo.commonDir, "objects"));
    expect(objects.filter((name) => name.startsWith("tmp"))).toEqual([]);
  });
});

test("a repository with SHA-256 is no different", async () => {
  const sha256 = await createRepo({ init: ["--object-format=sha256"] });
  const own = await bringUpAgents(sha256, 1);
  const work = await own.commit(1, "one.txt");
  await own.sync(1);
  expect(await sha256.git("rev-parse", IDLE)).toBe(work);
  expect(await readFile(path.join(own.worktreeOf(1), "one.txt"), "utf8")).toBe("one.txt");
});
