import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { requireClean } from "../../../../src/app/custody/sync-outcome.js";
import { bringUpAgents, type Agents } from "../../support/agents.js";
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

describe("a branch that is not simply newer", () => {
  test("diverged: both stay, and the error names both", async () => {
    const onHost = await repo.git("commit-tree", `${base}^{tree}`, "-p", base, "-m", "on the host");
    await repo.git("update-ref", IDLE, onHost);
    const work = await agents.commit(1, "one.txt");
    const outcome = await agents.sync(1);
    const error = await errorOf((async () => requireClean(await Promise.resolve(outcome)))());
    expect(error).toMatchObject({ code: "E_DIVERGED", exitCode: 5 });
    expect(error.message).toContain(onHost.slice(0, 12));
    expect(error.message).toContain(work.slice(0, 12));
    expect(await rev(IDLE)).toBe(onHost);
    expect(await agents.git(1, "rev-parse", "HEAD")).toBe(work);
  });

  test("newer on the host alone: the agent gets it, and what it has staged stays staged", async () => {
    await writeFile(path.join(agents.worktreeOf(1), "staged.txt"), "staged");
    await agents.git(1, "add", "staged.txt");
    await writeFile(path.join(agents.worktreeOf(1), "host.txt"), "by the user");
    await gitIn(agents.worktreeOf(1), "add", "host.txt");
    await gitIn(agents.worktreeOf(1), "commit", "-q", "-m", "on the host");
    const onHost = await rev(IDLE);
    const outcome = await agents.sync(1);
    requireClean(outcome);
    expect(outcome).toMatchObject({ updated: [], given: [{ ref: IDLE, from: base, to: onHost }] });
    expect(await agents.git(1, "rev-parse", "HEAD")).toBe(onHost);
    expect(await agents.git(1, "status", "--porcelain")).toBe("A  staged.txt");
    expect((await agents.sync(1)).given).toEqual([]);
    await agents.commit(1, "on-top.txt");
    expect((await agents.sync(1)).updated).toMatchObject([{ ref: IDLE, from: onHost }]);
  });

  test("newer on the host: what the agent borrows by that stays alive there", async () => {
    const onHost = await repo.git("commit-tree", `${base}^{tree}`, "-p", base, "-m", "on the host");
    await repo.git("update-ref", IDLE, onHost);
    await agents.sync(1);
    await repo.git("update-ref", IDLE, base);
    await repo.git("reflog", "expire", "--expire=now", "--all");
    await repo.git("gc", "-q", "--prune=now");
    expect(await agents.git(1, "log", "-1", "--format=%s", onHost)).toBe("on the host");
  });

  test("rewritten by the agent, and built on by nobody else: it is taken, the old tip kept", async () => {
    const first = await agents.commit(1, "one.txt");
    await agents.sync(1);
    await agents.git(1, "commit", "-q", "--amend", "-m", "amended");
    const amended = await agents.git(1, "rev-parse", "HEAD");
    const outcome = await agents.sync(1);
    requireClean(outcome);
    expect(outcome.updated).toMatchObject([{ ref: IDLE, from: first, to: amended }]);
    expect(await rev(IDLE)).toBe(amended);
    expect(await rev(outcome.updated[0]?.keptAs ?? "")).toBe(first);
    expect(outcome.updated[0]?.keptAs).toMatch(
      /^refs\/devkit\/trash\/agent-1\/\d{8}T\d{6}Z\/idle-[0-9a-f]{12}$/,
    );
    expect(await hostStatus(1)).toBe("## agent/agent-1/idle");
  });

  test("rewritten twice within a second: both old tips are kept", async () => {
    const tips = [await agents.commit(1, "one.txt")];
    for (const message of ["amended", "again"]) {
      await agents.sync(1);
      await agents.git(1, "commit", "-q", "--amend", "-m", message);
      tips.push(await agents.git(1, "rev-parse", "HEAD"));
    }
    await agents.sync(1);
    const kept = await repo.git("for-each-ref", "--format=%(objectname)", "refs/devkit/trash");
    expect(new Set(kept.split("\n"))).toEqual(new Set(tips.slice(0, 2)));
  });

  test("reset by the agent to an earlier commit: not given back", async () => {
    const first = await agents.commit(1, "one.txt");
    await agents.sync(1);
    await agents.git(1, "reset", "-q", "--hard", base);
    const outcome = await agents.sync(1);
    expect(await rev(IDLE)).toBe(base);
    expect(await rev(outcome.updated[0]?.keptAs ?? "")).toBe(first);
    expect(await agents.git(1, "rev-parse", "HEAD")).toBe(base);
  });

  test("rewritten by the agent while the host built on it: diverged, and both stay", async () => {
    const first = await agents.commit(1, "one.txt");
    await agents.sync(1);
    const onHost = await repo.git("commit-tree", `${first}^{tree}`, "-p", first, "-m", "on the host");
    await repo.git("update-ref", IDLE, onHost);
    await agents.git(1, "commit", "-q", "--amend", "-m", "amended");
    expect((await agents.sync(1)).diverged).toMatchObject([{ ref: IDLE, host: onHost }]);
    expect(await rev(IDLE)).toBe(onHost);
  });

  test("checked out by the user somewhere else: it does not move under their files", async () => {
    await agents.git(1, "checkout", "-q", "-b", "feature");
    await agents.commit(1, "one.txt");
    await agents.sync(1);
    const feature = "refs/heads/agent/agent-1/feature";
    await agents.git(1, "checkout", "-q", "agent/agent-1/idle");
    await agents.sync(1);
    await repo.git("checkout", "-q", "agent/agent-1/feature");
    const before = await rev(feature);
    await agents.git(1, "checkout", "-q", "feature");
    await agents.commit(1, "two.txt");
    const error = await errorOf((async () => requireClean(await agents.sync(1)))());
    expect(error).toMatchObject({ code: "E_REF_REFUSED", exitCode: 5 });
    expect(error.message).toContain(`it is checked out in ${repo.root}`);
    expect(await rev(feature)).toBe(before);
    expect(await repo.git("status", "--porcelain")).toBe("");
    await repo.git("checkout", "-q", "main");
    await agents.sync(1);
    expect(await rev(feature)).not.toBe(before);
  });

  test("rewritten while the user had it checked out: taken once they have left it", async () => {
    const first = await agents.commit(1, "one.txt");
    await agents.sync(1);
    await gitIn(agents.worktreeOf(1), "checkout", "-q", "--detach");
    await repo.git("checkout", "-q", "agent/agent-1/idle");
    await agents.git(1, "commit", "-q", "--amend", "-m", "amended");
    expect((await agents.sync(1)).refused).toMatchObject([{ ref: IDLE }]);
    await repo.git("checkout", "-q", "main");
    const outcome = await agents.sync(1);
    expect(outcome.diverged.filter(({ ref }) => ref === IDLE)).toEqual([]);
    expect(outcome.updated).toMatchObject([{ ref: IDLE, from: first }]);
    expect(await rev(IDLE)).toBe(await agents.git(1, "rev-parse", "HEAD"));
  });

  test("rewritten by the agent after it took the host's commit: taken, the host's kept", async () => {
    const onHost = await repo.git("commit-tree", `${base}^{tree}`, "-p", base, "-m", "on the host");
    await repo.git("update-ref", IDLE, onHost);
    await agents.sync(1);
    await agents.git(1, "commit", "-q", "--amend", "--allow-empty", "-m", "amended");
    const outcome = await agents.sync(1);
    requireClean(outcome);
    expect(await rev(IDLE)).toBe(await agents.git(1, "rev-parse", "HEAD"));
    expect(await rev(outcome.updated[0]?.keptAs ?? "")).toBe(onHost);
  });

  test("where the user works detached in the worktree, HEAD stays on their commit", async () => {
    await gitIn(agents.worktreeOf(1), "checkout", "-q", "--detach");
    await gitIn(agents.worktreeOf(1), "commit", "-q", "--allow-empty", "-m", "the user's");
    const theirs = await gitIn(agents.worktreeOf(1), "rev-parse", "HEAD");
    await agents.commit(1, "one.txt");
    expect((await agents.sync(1)).diverged).toMatchObject([{ ref: "HEAD", host: theirs }]);
    expect(await gitIn(agents.worktreeOf(1), "rev-parse", "HEAD")).toBe(theirs);
  });
});
