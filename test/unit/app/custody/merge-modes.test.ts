import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createMerging, type Merging } from "../../support/merging.js";
import { errorOf } from "../../support/temp.js";

let it: Merging;

beforeEach(async () => {
  it = await createMerging();
});

describe("squashing and rebasing", () => {
  test("--squash makes one commit whose message lists the commits, or has the given one", async () => {
    await it.agents.commit(1, "one.txt");
    await it.agents.commit(1, "two.txt");
    const before = await it.rev("main");
    expect(await it.run({ mode: "squash" })).toMatchObject({ kind: "squash" });
    expect(await it.repo.git("log", "-1", "--format=%P|%B")).toBe(
      `${before}|Squash agent-1 (agent/agent-1/idle)\n\n* one.txt\n* two.txt\n`,
    );
    await it.agents.commit(1, "three.txt");
    await it.run({ mode: "squash", message: "Three" });
    expect(await it.repo.git("log", "-1", "--format=%B")).toBe("Three\n");
    expect(await it.repo.git("status", "--porcelain")).toBe("");
  });

  test("--rebase keeps author, date and message, and drops what the branch has", async () => {
    await it.agents.commit(1, "one.txt");
    const picked = await it.agents.commit(1, "two.txt");
    await it.agents.git(1, "commit", "-q", "--allow-empty", "-m", "empty from the start");
    await writeFile(path.join(it.agents.worktreeOf(1), "three.txt"), "3");
    await it.agents.git(1, "add", ".");
    const message = "Ünï\n\nbody  with   spaces\n# kept\n";
    await it.agents.git(
      1,
      "-c",
      "user.name=Ada Ä",
      "commit",
      "-q",
      "--cleanup=verbatim",
      "--date=2001-02-03T04:05:06+0700",
      "-m",
      message,
    );
    await it.agents.sync(1);
    await it.repo.git("cherry-pick", picked);
    await it.repo.write("own.txt", "own");
    const own = await it.repo.commit("own");
    expect(await it.run({ mode: "rebase" })).toMatchObject({ kind: "rebase", dropped: 0 });
    expect(await it.repo.git("log", "--format=%s", "--topo-order")).toBe(
      ["Ünï", "empty from the start", "one.txt", "own", "two.txt", "first"].join("\n"),
    );
    expect(await it.repo.git("log", "-1", "--format=%an|%ad|%cn|%B", "--date=iso-strict")).toBe(
      `Ada Ä|2001-02-03T04:05:06+07:00|Tess Ter|${message}`,
    );
    expect(await it.rev("main~3")).toBe(own);
    expect(await it.repo.git("status", "--porcelain")).toBe("");
  });

  test("--rebase drops commits that have nothing left to change", async () => {
    await it.agents.commit(1, "one.txt");
    await it.agents.commit(1, "two.txt");
    await it.repo.write("two.txt", "two.txt");
    await it.repo.write("own.txt", "own");
    await it.repo.commit("two and more");
    expect(await it.run({ mode: "rebase" })).toMatchObject({ kind: "rebase", dropped: 1 });
    expect(await it.repo.git("log", "--format=%s", "--topo-order")).toBe("one.txt\ntwo and more\nfirst");
  });

  test("--rebase makes a history with merges linear where that changes nothing", async () => {
    await it.agents.git(1, "switch", "-q", "-c", "side");
    await it.agents.commit(1, "side.txt");
    await it.agents.git(1, "switch", "-q", "agent/agent-1/idle");
    await it.agents.commit(1, "one.txt");
    await it.agents.git(1, "merge", "-q", "--no-edit", "side");
    await it.repo.write("own.txt", "own");
    await it.repo.commit("own");
    expect(await it.run({ mode: "rebase" })).toMatchObject({ kind: "rebase" });
    expect((await it.repo.git("log", "--format=%s", "--topo-order")).split("\n").sort()).toEqual([
      "first",
      "one.txt",
      "own",
      "side.txt",
    ]);
    expect(await it.repo.git("rev-list", "--merges", "main")).toBe("");
  });

  test("--rebase refuses to lose what was decided in a merge", async () => {
    await it.agents.git(1, "switch", "-q", "-c", "side");
    await it.agents.commit(1, "side.txt");
    await it.agents.git(1, "switch", "-q", "agent/agent-1/idle");
    await it.agents.commit(1, "one.txt");
    await it.agents.git(1, "merge", "-q", "--no-commit", "side");
    await writeFile(path.join(it.agents.worktreeOf(1), "decided.txt"), "in the merge");
    await it.agents.git(1, "add", ".");
    await it.agents.git(1, "commit", "-q", "-m", "merge with more");
    await it.repo.write("own.txt", "own");
    await it.repo.commit("own");
    await it.expectUntouched(async () => {
      expect(await errorOf(it.run({ mode: "rebase" }))).toMatchObject({
        code: "E_MERGE_CONFLICT",
        exitCode: 1,
      });
    });
    expect(await it.run({ mode: "squash" })).toMatchObject({ kind: "squash" });
    expect(await it.read("decided.txt")).toBe("in the merge");
  });

  test("a commit that does not fit stops a rebase, and is named", async () => {
    await it.agents.commit(1, "one.txt");
    const bad = await it.agents.commit(1, "README.md", "agent\n");
    await it.repo.write("README.md", "own\n");
    await it.repo.commit("own");
    await it.expectUntouched(async () => {
      const error = await errorOf(it.run({ mode: "rebase" }));
      expect(error).toMatchObject({
        code: "E_MERGE_CONFLICT",
        details: { commit: bad, files: [{ path: "README.md", kinds: ["contents"] }] },
      });
      expect(error.message).toContain(bad.slice(0, 12));
    });
  });
});
