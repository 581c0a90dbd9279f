import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { expireTrash } from "../../../../src/app/custody/expire-trash.js";
import { killAgents } from "../../../../src/app/custody/kill.js";
import { restoreAgent } from "../../../../src/app/custody/restore.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { KEEP_DAYS } from "../../../../src/domain/custody/trash.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { bringUpAgents, type Agents } from "../../support/agents.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const now = new Date();
const later = new Date(now.getTime() + (KEEP_DAYS + 1) * DAY_MS);
const muchLater = new Date(later.getTime() + DAY_MS);

let repo: Repo;
let agents: Agents;

beforeEach(async () => {
  repo = await createRepo();
  const lib = await createRepo({ at: "lib" });
  await lib.git("tag", "v1");
  await repo.git("config", "--global", "protocol.file.allow", "always");
  await repo.git("submodule", "--quiet", "add", lib.root, "lib");
  await repo.commit("with a submodule");
  agents = await bringUpAgents(repo, 1);
});

/** git on the primary's git dir of the submodule. */
const host = (...args: string[]) => {
  const dir = path.join(repo.commonDir, "modules/lib");
  return gitIn(dir, `--git-dir=${dir}`, `--work-tree=${dir}`, ...args);
};

/** git of the agent in the submodule. */
const inside = (...args: string[]) => {
  const { git, worktree } = agentPaths(agents.deps.project, agentAt(1));
  const lib = path.join(worktree, "lib");
  return gitIn(lib, `--git-dir=${path.join(git, "modules/lib")}`, `--work-tree=${lib}`, ...args);
};

async function commitInside(message: string): Promise<string> {
  await inside("commit", "-q", "--allow-empty", "-m", message);
  await agents.sync(1);
  return inside("rev-parse", "HEAD");
}

const refsOf = async (...patterns: string[]) =>
  (await host("for-each-ref", "--format=%(refname)", ...patterns)).split("\n").filter((ref) => ref !== "");

const kill = (force = true) =>
  killAgents(agents.deps, { force, base: "HEAD", now, selectors: ["1"], spec: agents.spec });

describe("refs in submodules", () => {
  test("go to the trash with the agent and come back with it", async () => {
    await inside("switch", "-q", "-c", "topic");
    const oid = await commitInside("work");
    const before = await refsOf("refs/devkit", "refs/heads/agent");
    await kill();
    expect(await refsOf("refs/devkit/base", "refs/devkit/detached", "refs/heads/agent")).toEqual([]);
    expect(await host("for-each-ref", `--contains=${oid}`, "--format=%(refname)")).toMatch(
      /^refs\/devkit\/trash\/agent-1\/[^/]*\/heads\/topic$/,
    );
    await restoreAgent(agents.deps, "1");
    expect(await refsOf("refs/devkit", "refs/heads/agent")).toEqual(before);
  });

  test("keep an agent in the trash where the user has made one of that name since, and change nothing", async () => {
    await inside("switch", "-q", "-c", "topic");
    await commitInside("work");
    await kill();
    await host("update-ref", "refs/heads/agent/agent-1/topic", "HEAD");
    const before = [await host("for-each-ref"), await repo.git("for-each-ref")];
    expect(await errorOf(restoreAgent(agents.deps, "1"))).toMatchObject({ code: "E_AGENT_EXISTS" });
    expect([await host("for-each-ref"), await repo.git("for-each-ref")]).toEqual(before);
  });

  test("leave a branch that the user is on", async () => {
    await inside("switch", "-q", "-c", "topic");
    await commitInside("work");
    await gitIn(path.join(repo.root, "lib"), "switch", "-q", "agent/agent-1/topic");
    await kill();
    expect(await refsOf("refs/heads/agent")).toEqual(["refs/heads/agent/agent-1/topic"]);
    expect(await refsOf("refs/devkit/trash")).toHaveLength(3);
  });

  test("of a detached HEAD are kept when the agent's git dir is made anew", async () => {
    const oid = await commitInside("only here");
    await bringUpAgents(repo, 1);
    expect(await host("rev-parse", "refs/devkit/detached/agent-1")).not.toBe(oid);
    expect(await host("for-each-ref", `--contains=${oid}`, "--format=%(refname)")).toMatch(
      /^refs\/devkit\/trash\/agent-1\//,
    );
  });

  test("are removed for good when their time is over, and what was lent with them", async () => {
    await commitInside("work");
    await kill();
    expect(await refsOf("refs/devkit/trash")).not.toEqual([]);
    await expireTrash(agents.deps, now);
    expect(await refsOf("refs/devkit/trash")).not.toEqual([]);
    await expireTrash(agents.deps, later);
    expect(await refsOf("refs/devkit/trash")).not.toEqual([]);
    await expireTrash(agents.deps, muchLater);
    expect(await refsOf("refs/devkit")).toEqual([]);
  });

  test("stay when a clock was ahead for a while, however often somebody looked, and when it has been behind", async () => {
    await commitInside("work");
    await kill();
    const hourLater = (time: Date) => new Date(time.getTime() + 3_600_000);
    for (const time of [later, hourLater(later), now, muchLater, hourLater(now), later])
      await expireTrash(agents.deps, time);
    expect(await refsOf("refs/devkit/trash")).not.toEqual([]);
  });
});

describe("agent kill", () => {
  test("names commits in submodules that are nowhere else, and what keeps them", async () => {
    await inside("switch", "-q", "-c", "topic");
    await commitInside("one");
    await inside("switch", "-q", "--detach");
    await commitInside("two");
    const refused = await errorOf(kill(false));
    expect(refused).toMatchObject({
      code: "E_WORK_AT_RISK",
      message: "agent-1 has 2 commits in the submodule lib neither merged nor pushed",
    });
    const commands = refused.details["recovery"] as string[];
    expect(commands).toHaveLength(2);
    for (const command of commands) await promisify(execFile)("sh", ["-c", command]);
    expect(await kill(false)).toMatchObject({ removed: [{ agent: { name: "agent-1" }, work: [] }] });
  });

  test("does not mind what an agent has of a submodule from the user, nor what is pushed", async () => {
    await gitIn(path.join(repo.root, "lib"), "commit", "-q", "--allow-empty", "-m", "the user's");
    await repo.git("commit", "-qam", "bump");
    const pushed = await commitInside("pushed");
    await host("update-ref", "refs/remotes/origin/topic", pushed);
    await kill(false);
  });

  test("names commits in a submodule that the agent alone has", async () => {
    const { git, worktree } = agentPaths(agents.deps.project, agentAt(1));
    const own = path.join(git, "modules/own/modules/nested");
    await gitIn(worktree, "init", "-q", "--bare", path.join(git, "modules/own"));
    await gitIn(worktree, "init", "-q", "--bare", own);
    expect(await kill(false)).toMatchObject({ removed: [{}] });
    await restoreAgent(agents.deps, "1");
    const tree = await gitIn(own, "hash-object", "-t", "tree", "-w", "/dev/null");
    const commit = await gitIn(own, "commit-tree", "-m", "x", tree);
    await gitIn(own, "update-ref", "HEAD", commit);
    await gitIn(own, "tag", "mine");
    expect((await errorOf(kill(false))).message).toContain(
      "1 commit in the submodule own/modules/nested neither merged nor pushed",
    );
    await gitIn(own, "update-ref", "refs/remotes/origin/main", commit);
    expect(await kill(false)).toMatchObject({ removed: [{}] });
  });
});

describe("lent refs", () => {
  const lent = () => agents.deps.refs.list("refs/devkit/lent");
  let side: string;

  beforeEach(async () => {
    await repo.git("switch", "-q", "-c", "side");
    side = await repo.commit("side");
    await repo.git("switch", "-q", "main");
    await repo.git("update-ref", "refs/remotes/origin/side", side);
    await repo.git("tag", "-m", "annotated", "v1", "main");
    agents = await bringUpAgents(repo, 2);
    expect((await lent()).size).toBe(2);
  });

  test("stay as long as an agent may need them, also one in the trash", async () => {
    await expireTrash(agents.deps, later);
    expect((await lent()).size).toBe(2);
    await killAgents(agents.deps, {
      force: true,
      base: "HEAD",
      now,
      selectors: ["1", "2"],
      spec: agents.spec,
    });
    await expireTrash(agents.deps, now);
    expect((await lent()).size).toBe(2);
    await expireTrash(agents.deps, later);
    await expireTrash(agents.deps, muchLater);
    expect((await lent()).size).toBe(0);
  });

  test("go one by one once every agent's base holds them; a tag's object is held by none", async () => {
    await agents.deps.history.lend(agentAt(1), side);
    await expireTrash(agents.deps, now);
    expect((await lent()).size).toBe(2);
    await agents.deps.history.lend(agentAt(2), side);
    await expireTrash(agents.deps, now);
    expect([...(await lent()).values()]).toEqual([await repo.git("rev-parse", "v1")]);
  });

  test("stay where an agent has no base", async () => {
    await repo.git("update-ref", "-d", "refs/devkit/base/agent-1");
    await agents.deps.history.setRef("refs/devkit/base/agent-2", side);
    await expireTrash(agents.deps, now);
    expect((await lent()).size).toBe(2);
  });
});
