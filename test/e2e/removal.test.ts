import { execa } from "execa";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentsOf, createSandbox, PROGRAM, type Document, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

/** What each agent is left with, and how the refusal names it. */
const COMBINATIONS = [
  { has: "an uncommitted change", make: "echo more >> README.md", named: ["1 uncommitted change"] },
  { has: "an untracked file", make: "echo new > new.txt", named: ["1 untracked file"] },
  {
    has: "commits nowhere else",
    make: "echo a > a; git add a; git commit -qm a; git switch -qc other; git commit -q --allow-empty -m b",
    named: [
      "1 commit of agent/agent-3/idle neither merged nor pushed",
      "2 commits of agent/agent-3/other neither merged nor pushed",
    ],
  },
  {
    has: "stashes",
    make: "echo s >> README.md; git stash -q; echo t > t; git stash -qu",
    named: ["2 stashes"],
  },
  {
    has: "a detached HEAD",
    make: "git checkout -q --detach; git commit -q --allow-empty -m loose",
    named: ["1 commit of a detached HEAD on no branch"],
  },
  {
    has: "a rebase in progress",
    make:
      "echo x > README.md; git commit -qam x; git switch -qc side HEAD~; echo y > README.md; git commit -qam y; " +
      "! git rebase agent/agent-6/idle >/dev/null 2>&1; test -d $(git rev-parse --git-dir)/rebase-merge",
    named: [
      "1 uncommitted change",
      "1 commit of agent/agent-6/idle neither merged nor pushed",
      "1 commit of agent/agent-6/side neither merged nor pushed",
      "a rebase in progress",
    ],
  },
  {
    has: "everything at once",
    make:
      "echo s >> README.md; git stash -q; git commit -q --allow-empty -m c; git checkout -q --detach; " +
      "git commit -q --allow-empty -m d; echo m >> src/app.js; echo u > u; git bisect start >/dev/null",
    named: [
      "1 uncommitted change",
      "1 untracked file",
      "1 commit of agent/agent-7/idle neither merged nor pushed",
      "1 commit of a detached HEAD on no branch",
      "1 stash",
      "a bisect in progress",
    ],
  },
] as const;

const CLEAN = COMBINATIONS.length + 1;
const indexes = COMBINATIONS.map((_, position) => position + 1);

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  expect(await box.devkit("agent", "up", String(CLEAN))).toMatchObject({ exitCode: 0 });
  await Promise.all(
    COMBINATIONS.map(async ({ make }, position) => {
      expect(await inside(position + 1, make)).toMatchObject({ exitCode: 0 });
    }),
  );
});

afterAll(() => box.remove());

const inside = (index: number, script: string) =>
  box.devkit("exec", String(index), "--", "sh", "-ec", script);

/** Everything git and the disk say inside an agent. */
async function describeAgent(index: number): Promise<string> {
  const looked = await inside(
    index,
    "git status --porcelain=v2 --branch; git stash list; git log --all --reflog --format='%H %s %D'; " +
      "git for-each-ref; find . ~ -type f -not -path './.git*' | sort | xargs md5sum; ls $(git rev-parse --git-dir)",
  );
  expect(looked.exitCode).toBe(0);
  return looked.stdout;
}

const worktrees = () => readdir(path.join(box.repo, ".devkit/agents"));
const trashOf = (document: Document) =>
  (document.data as { agents: { id: string; restore: string }[] }).agents;

describe("agent kill", () => {
  test("of agents with unsaved work of every kind refuses, names all of it and changes nothing", async () => {
    const before = await Promise.all(indexes.map(describeAgent));
    const refused = await box.json("agent", "kill", ...indexes.map(String));
    expect(refused).toMatchObject({ ok: false, exitCode: 5, error: { code: "E_WORK_AT_RISK" } });
    expect(refused.error?.hint).toContain("--force");
    const told = (refused.error?.details["agents"] ?? []) as { agent: string; work: string[] }[];
    expect(told.map(({ agent }) => agent)).toEqual(indexes.map((index) => `agent-${String(index)}`));
    for (const [position, { has, named }] of COMBINATIONS.entries()) {
      expect(told[position]?.work, has).toEqual(named);
      expect(refused.error?.message, has).toContain(named.join(", "));
    }
    expect(await Promise.all(indexes.map(describeAgent))).toEqual(before);
  });

  test("of an agent in which a command runs refuses", async () => {
    const running = inside(CLEAN, "touch /tmp/started; exec sleep 300");
    await box.until(async () => (await inside(CLEAN, "test -e /tmp/started")).exitCode === 0);
    const refused = await box.json("agent", "kill", String(CLEAN));
    expect(refused).toMatchObject({ exitCode: 5, error: { message: "agent-8 has 1 command running" } });
    await inside(CLEAN, "kill $(pgrep -x sleep -n) || true");
    await running;
  });

  test("of several removes none when one is refused", async () => {
    const refused = await box.json("agent", "kill", "1", String(CLEAN));
    expect(refused.exitCode).toBe(5);
    expect(await worktrees()).toHaveLength(CLEAN);
  });

  test("needs a name, and knows none that is not there", async () => {
    expect(await box.json("agent", "kill")).toMatchObject({ exitCode: 2 });
    expect(await box.json("agent", "kill", "77")).toMatchObject({ exitCode: 4 });
  });

  test("removes a clean agent whose commits are pushed, and what was removed can be brought back", async () => {
    await inside(CLEAN, "echo p > pushed; git add pushed; git commit -qm pushed; echo note > ~/note");
    expect((await box.json("agent", "kill", String(CLEAN))).error?.message).toBe(
      "agent-8 has 1 commit of agent/agent-8/idle neither merged nor pushed",
    );
    await box.git("update-ref", "refs/remotes/origin/work", "agent/agent-8/idle");
    const before = await describeAgent(CLEAN);
    const killed = await box.json("agent", "kill", String(CLEAN));
    expect(killed).toMatchObject({ exitCode: 0, data: { agents: [{ name: "agent-8", work: [] }] } });
    expect(await worktrees()).not.toContain("agent-8");
    expect(await box.git("for-each-ref", "refs/heads/agent/agent-8", "refs/devkit/base/agent-8")).toBe("");
    expect(await box.git("worktree", "list")).not.toContain("agent-8");
    expect((await box.containers()).some(({ name }) => name.endsWith("agent-8"))).toBe(false);
    expect(await readdir(path.join(box.repo, ".devkit/trash"))).toEqual([]);
    expect(agentsOf(await box.json("agent", "list")).map(({ name }) => name)).not.toContain("agent-8");
    expect(await box.devkit("agent", "restore", "8")).toMatchObject({ exitCode: 0 });
    expect(await box.devkit("agent", "up", String(CLEAN))).toMatchObject({ exitCode: 0 });
    expect(await describeAgent(CLEAN)).toBe(before);
  });

  test("with --force takes everything to the trash, and the printed commands bring all of it back", async () => {
    const before = await Promise.all(indexes.map(describeAgent));
    const killed = await box.json("agent", "kill", ...indexes.map(String), "--force");
    expect(killed).toMatchObject({ exitCode: 0 });
    expect(await worktrees()).toEqual(["agent-8"]);
    await box.git("reflog", "expire", "--expire=now", "--all");
    await box.git("gc", "-q", "--prune=now");
    for (const { restore } of trashOf(killed)) {
      expect(await box.devkit(...restore.split(" ").slice(1))).toMatchObject({ exitCode: 0 });
    }
    expect(await box.devkit("agent", "up", String(CLEAN))).toMatchObject({ exitCode: 0 });
    expect(await Promise.all(indexes.map(describeAgent))).toEqual(before);
    expect(await box.git("for-each-ref", "refs/devkit/trash")).toBe("");
    expect((await box.git("worktree", "list", "--porcelain")).match(/^locked/gm)).toHaveLength(CLEAN);
    expect(await box.git("fsck", "--no-dangling")).toBe("");
  });
});

describe("agent restore", () => {
  test("lists what is there, refuses while an agent has the place, and knows nothing else", async () => {
    const id = trashOf(await box.json("agent", "kill", "2", "--force"))[0]?.id ?? "";
    await box.devkit("agent", "up", "2");
    const list = await box.devkit("agent", "restore");
    expect(list.stdout).toMatch(new RegExp(`^${id} .*1 untracked file$`, "m"));
    const refused = await box.json("agent", "restore", id);
    expect(refused).toMatchObject({ exitCode: 5, error: { code: "E_AGENT_EXISTS" } });
    expect(await box.json("agent", "restore", "agent-9")).toMatchObject({ exitCode: 4 });
    await box.json("agent", "kill", "2");
    expect(await box.devkit("agent", "restore", id)).toMatchObject({ exitCode: 0 });
  });
});

describe("agent reset", () => {
  test("refuses unsaved files; with --force they are kept as a commit, and the agent is clean", async () => {
    const busy = [1, 2, 6, 7];
    await box.devkit("agent", "up", String(CLEAN));
    const before = await Promise.all(busy.map(describeAgent));
    const refused = await box.json("agent", "reset", ...busy.map(String));
    expect(refused).toMatchObject({ exitCode: 5, error: { code: "E_WORK_AT_RISK" } });
    expect(await Promise.all(busy.map(describeAgent))).toEqual(before);
    await Promise.all(busy.map(expectForcedReset));
  });

  test("of a stopped agent keeps the commits it leaves, on both sides", async () => {
    await box.devkit("agent", "down", "3");
    const tip = await box.git("rev-parse", "agent/agent-3/other");
    const reset = await box.json("agent", "reset", "3");
    expect(reset).toMatchObject({
      exitCode: 0,
      data: { agents: [{ name: "agent-3", ref: "refs/heads/agent/agent-3/other", from: tip }] },
    });
    const [kept = ""] = (reset.data as { agents: { kept: string[] }[] }).agents[0]?.kept ?? [];
    expect(await box.git("rev-parse", kept)).toBe(tip);
    await box.git("gc", "-q", "--prune=now");
    await box.devkit("agent", "up", "3");
    await expectAt(3, "main");
    expect(await inside(3, `git log -1 --format=%s ${tip} && git fsck --no-dangling`)).toMatchObject({
      exitCode: 0,
      stdout: "b",
    });
  });

  test("goes forward to commits made on the host, and says what is no commit", async () => {
    await writeFile(path.join(box.repo, "README.md"), "# newer\n");
    await box.git("commit", "-qam", "newer");
    expect(await box.json("agent", "reset", String(CLEAN), "--to", "nothing")).toMatchObject({ exitCode: 2 });
    expect(await box.json("agent", "reset", String(CLEAN), "--to", "main")).toMatchObject({ exitCode: 0 });
    await expectAt(CLEAN, "main");
    expect(await box.json("agent", "reset")).toMatchObject({ exitCode: 2 });
  });
});

describe("kill -9", () => {
  const start = (...args: string[]) =>
    execa(process.execPath, [PROGRAM, ...args], {
      cwd: box.repo,
      env: box.env,
      extendEnv: false,
      reject: false,
    });

  /** Ends the command by SIGKILL after this part of the time it takes. */
  async function killDuring(part: number, tookMs: number, ...args: string[]): Promise<void> {
    const running = start(...args);
    // The moment is what varies here.
    const timer = setTimeout(() => running.kill("SIGKILL"), tookMs * part);
    await running;
    clearTimeout(timer);
  }

  async function measure(...args: string[]): Promise<number> {
    const began = performance.now();
    expect((await start(...args)).exitCode).toBe(0);
    return performance.now() - began;
  }

  test("in kill, restore and reset: the next command converges and nothing is lost", async () => {
    const up = async () =>
      expect(await box.devkit("agent", "up", String(CLEAN))).toMatchObject({ exitCode: 0 });
    await up();
    const work = "git commit -q --allow-empty -m kept; echo s > README.md; git stash -q; echo d > draft";
    expect(await inside(CLEAN, work)).toMatchObject({ exitCode: 0 });
    const before = await describeAgent(CLEAN);
    const killMs = await measure("agent", "kill", "8", "--force");
    const restoreMs = await measure("agent", "restore", "8");
    for (const part of [0.6, 0.9]) {
      await killDuring(part, killMs, "agent", "kill", "8", "--force");
      // Gone already, or not yet: afterwards it is gone whole.
      expect([0, 4]).toContain((await box.devkit("agent", "kill", "8", "--force")).exitCode);
      expect(await worktrees()).not.toContain("agent-8");
      await killDuring(part, restoreMs, "agent", "restore", "8");
      // Back already: then there is nothing in the trash.
      expect([0, 4]).toContain((await box.devkit("agent", "restore", "8")).exitCode);
      await up();
      expect(await describeAgent(CLEAN)).toBe(before);
    }
    const { trash } = (await box.json("agent", "restore")).data as { trash: { index: number }[] };
    expect(trash.filter(({ index }) => index === CLEAN)).toEqual([]);
    await box.git("commit", "-q", "--allow-empty", "-m", "so that there is one before it");
    const tip = await box.git("rev-parse", "agent/agent-8/idle");
    for (const part of [0.7]) {
      await killDuring(part, killMs * 2, "agent", "reset", "8", "--force", "--to", "main~");
      expect(await box.devkit("agent", "reset", "8", "--force", "--to", "main~")).toMatchObject({
        exitCode: 0,
      });
      await expectAt(CLEAN, "main~");
      expect(await inside(CLEAN, `git reset -q --hard ${tip}; echo d > draft`)).toMatchObject({
        exitCode: 0,
      });
      expect(await box.devkit("agent", "sync", "8")).toMatchObject({ exitCode: 0 });
    }
    expect(await box.git("fsck", "--no-dangling")).toBe("");
  });
});

/** Branch, index and files of an agent are at a commit, inside and on the host, and both call it clean. */
async function expectAt(index: number, commit: string): Promise<void> {
  const oid = await box.git("rev-parse", commit);
  const look = "git rev-parse HEAD; git status --porcelain";
  expect(await inside(index, look)).toMatchObject({ exitCode: 0, stdout: oid });
  const status = await box.json("agent", "status", String(index));
  expect(status.data).toMatchObject({ agents: [{ changed: 0, untracked: 0, sync: "current" }] });
  const worktree = path.join(".devkit/agents", `agent-${String(index)}`);
  expect(await box.git("-C", worktree, "rev-parse", "HEAD")).toBe(oid);
}

async function expectForcedReset(index: number): Promise<void> {
  const look = "git stash list; git ls-files -co --exclude-standard | xargs md5sum | sort -u";
  const files = await inside(index, look);
  const reset = await box.json("agent", "reset", String(index), "--force");
  expect(reset).toMatchObject({ exitCode: 0 });
  await expectAt(index, "main");
  const { kept } = (reset.data as { agents: { kept: string[] }[] }).agents[0] ?? { kept: [] };
  const saved = kept.find((ref) => ref.endsWith("/files")) ?? "";
  // What it printed brings the files back, now committed.
  expect(await box.devkit("agent", "reset", String(index), "--to", saved)).toMatchObject({ exitCode: 0 });
  expect((await inside(index, look)).stdout).toBe(files.stdout);
}
