import { rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createMerging, merge, warningsOf, type Merging } from "../../support/merging.js";
import { errorOf } from "../../support/temp.js";

let it: Merging;

beforeEach(async () => {
  it = await createMerging();
  await it.agents.commit(1, "one.txt");
  await it.agents.commit(1, "README.md", "agent\n");
});

/** A merge that ends where a kill -9 would end it: after its journal and the first of two files. */
async function cutOff(): Promise<void> {
  const killed = new Error("killed");
  const landing = {
    ...it.deps.landing,
    async fastForward() {
      await writeFile(path.join(it.repo.root, "README.md"), "agent\n");
      throw killed;
    },
    settle: () => Promise.reject(killed),
  };
  await expect(merge({ ...it.deps, landing }, it.agents.spec)).rejects.toBe(killed);
  expect(await it.deps.landing.readJournal()).toMatchObject({ agent: "agent-1", ref: "refs/heads/main" });
}

const files = () => it.repo.git("status", "--porcelain");

test("a merge that was cut off is finished by the next, which has nothing left to do then", async () => {
  await cutOff();
  expect(await it.run()).toMatchObject({ kind: "none" });
  expect([await it.rev("main"), await files()]).toEqual([await it.rev("agent/agent-1/idle"), ""]);
  expect(warningsOf(it.deps)).toEqual(["finished the merge of agent-1 into main that was interrupted"]);
  expect(await it.deps.landing.readJournal()).toBeUndefined();
});

test("the host's gc in between does not take the commit away", async () => {
  await it.repo.write("own.txt", "own");
  await it.repo.commit("own");
  await cutOff();
  await it.repo.git("reflog", "expire", "--expire=now", "--all");
  await it.repo.git("gc", "-q", "--prune=now");
  await it.run();
  expect([await it.repo.git("log", "-1", "--format=%s"), await files()]).toEqual([
    "Merge agent-1 (agent/agent-1/idle)",
    "",
  ]);
});

test("a dry run leaves it and says how to finish it", async () => {
  await cutOff();
  await expect(it.run({ dryRun: true })).rejects.toMatchObject({ code: "E_WORK_IN_THE_WAY" });
  expect(warningsOf(it.deps)[0]).toContain("devkit agent merge 1");
  expect(await files()).toBe(" M README.md");
});

test("a user's change meanwhile is left and named", async () => {
  await cutOff();
  await it.repo.write("one.txt", "mine\n");
  await it.run();
  expect(warningsOf(it.deps)).toContain("changed by somebody else meanwhile and left as is: one.txt");
  expect([await it.read("one.txt"), await it.read("README.md")]).toEqual(["mine\n", "agent\n"]);
});

test("a reset in between is an answer: the merge starts over", async () => {
  await cutOff();
  await it.repo.git("reset", "-q", "--hard");
  expect(await it.run()).toMatchObject({ kind: "fast-forward" });
  expect([await it.read("one.txt"), await files()]).toEqual(["one.txt", ""]);
});

test("a file that cannot be written, because a filter of the user's fails: all is as before, no journal stays", async () => {
  await it.agents.commit(1, ".gitattributes", "z.txt filter=broken\n");
  await it.agents.commit(1, "z.txt");
  await it.repo.git("config", "filter.broken.clean", "cat");
  await it.repo.git("config", "filter.broken.smudge", "false");
  await it.repo.git("config", "filter.broken.required", "true");
  const before = await it.rev("main");
  expect(await errorOf(it.run())).toMatchObject({ exitCode: 1 });
  expect([await it.rev("main"), await files()]).toEqual([before, ""]);
  expect(await it.deps.landing.readJournal()).toBeUndefined();
  // The same when the one that finishes an earlier merge meets it.
  await cutOff();
  await errorOf(it.run());
  expect([await it.rev("main"), await files()]).toEqual([before, ""]);
  await it.repo.git("config", "filter.broken.smudge", "cat");
  await it.run();
  expect([await it.read("z.txt"), await files()]).toEqual(["z.txt", ""]);
});

test("the worktree of the branch is gone: the journal goes too", async () => {
  await cutOff();
  const journal = await it.deps.landing.readJournal();
  if (journal === undefined) throw new Error("no journal");
  await it.repo.git("reset", "-q", "--hard");
  await it.deps.landing.writeJournal({ ...journal, worktree: "/no/such" });
  await it.run();
  expect([await it.read("one.txt"), await it.deps.landing.readJournal()]).toEqual(["one.txt", undefined]);
  await rm(path.join(it.repo.root, "one.txt"));
});

test("one that was killed in its last step leaves no ref behind for long", async () => {
  await it.run();
  await it.repo.git("update-ref", "refs/devkit/merge", "main");
  expect(await it.run()).toMatchObject({ kind: "none" });
  expect(await it.repo.git("for-each-ref", "refs/devkit/merge")).toBe("");
});

test("nor does the lock of a git that was killed at that ref keep anybody from merging", async () => {
  const locks = path.join(it.repo.root, ".git/refs/devkit");
  await writeFile(path.join(locks, "merge.lock"), "");
  expect(await it.run()).toMatchObject({ kind: "fast-forward" });
  await it.repo.git("update-ref", "refs/devkit/merge", "main").catch(() => undefined);
  await writeFile(path.join(locks, "merge"), `${await it.rev("main")}\n`);
  await writeFile(path.join(locks, "merge.lock"), "");
  const packed = path.join(it.repo.root, ".git/packed-refs.lock");
  await writeFile(packed, "");
  await utimes(packed, 0, 0);
  await it.run();
  expect(await it.repo.git("for-each-ref", "refs/devkit/merge")).toBe("");
});
