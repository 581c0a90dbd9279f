import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createMerging, warningsOf, type Merging } from "../../support/merging.js";
import { gitIn } from "../../support/repo.js";
import { errorOf, tempDir } from "../../support/temp.js";

let it: Merging;

beforeEach(async () => {
  it = await createMerging();
});

describe("merging", () => {
  test("is a fast-forward when the branch has nothing of its own", async () => {
    const work = await it.agents.commit(1, "one.txt");
    const result = await it.run();
    expect(result).toMatchObject({
      kind: "fast-forward",
      oid: work,
      target: { branch: "main", worktree: it.repo.root },
    });
    expect(result.files.map(({ path: file }) => file)).toEqual(["one.txt"]);
    expect([await it.rev("main"), await it.read("one.txt")]).toEqual([work, "one.txt"]);
    expect(await it.repo.git("status", "--porcelain")).toBe("");
    expect(await it.deps.landing.readJournal()).toBeUndefined();
    expect(await it.rev("refs/devkit/merge")).toBe("none");
  });

  test("is a commit of the user's with two parents otherwise", async () => {
    const work = await it.agents.commit(1, "one.txt");
    await it.repo.write("two.txt", "2");
    const own = await it.repo.commit("own");
    expect(await it.run()).toMatchObject({ kind: "merge" });
    expect(await it.repo.git("log", "-1", "--format=%P|%cn <%ce>|%s")).toBe(
      `${own} ${work}|Tess Ter <tess@example.com>|Merge agent-1 (agent/agent-1/idle)`,
    );
    expect([await it.read("one.txt"), await it.read("two.txt")]).toEqual(["one.txt", "2"]);
    expect(await it.repo.git("status", "--porcelain")).toBe("");
  });

  test("into a branch that is not checked out moves just that", async () => {
    await it.repo.git("branch", "release");
    const work = await it.agents.commit(1, "one.txt");
    const main = await it.rev("main");
    const result = await it.run({ into: "release" });
    expect(result).toMatchObject({ kind: "fast-forward", target: { worktree: undefined } });
    expect([await it.rev("release"), await it.rev("main")]).toEqual([work, main]);
    expect(await it.repo.git("status", "--porcelain")).toBe("");
    expect(await it.repo.git("reflog", "-1", "--format=%gs", "release")).toContain("merge agent-1");
  });

  test("into a branch checked out in another worktree of the user's updates its files", async () => {
    const other = path.join(await tempDir(), "other");
    await it.repo.git("worktree", "add", "-q", "-b", "release", other);
    await it.agents.commit(1, "one.txt");
    expect(await it.run({ into: "release" })).toMatchObject({ target: { worktree: other } });
    expect(await readFile(path.join(other, "one.txt"), "utf8")).toBe("one.txt");
    expect(await gitIn(other, "status", "--porcelain")).toBe("");
  });

  test("with nothing new says so, also when it was squashed before", async () => {
    expect(await it.run()).toMatchObject({ kind: "none", commits: [] });
    await it.agents.commit(1, "one.txt");
    await it.run({ mode: "squash" });
    await it.expectUntouched(async () =>
      expect(await it.run({ mode: "squash" })).toMatchObject({ kind: "none" }),
    );
    await it.expectUntouched(async () =>
      expect(await it.run({ mode: "rebase" })).toMatchObject({ kind: "none" }),
    );
  });

  test("of a detached agent takes the commit it is at", async () => {
    await it.agents.git(1, "switch", "-q", "--detach");
    const work = await it.agents.commit(1, "one.txt");
    expect(await it.run()).toMatchObject({ kind: "fast-forward", branch: undefined });
    expect(await it.rev("main")).toBe(work);
  });

  test("leaves uncommitted work with the agent and says so", async () => {
    await it.agents.commit(1, "one.txt");
    await writeFile(path.join(it.agents.worktreeOf(1), "draft.txt"), "draft");
    await it.run();
    expect(warningsOf(it.deps)).toEqual([
      "agent-1 has 1 file with uncommitted changes, which are not merged",
    ]);
  });

  test("runs no hook of the user's, and leaves other local changes alone", async () => {
    const ran = path.join(it.repo.root, "..", "ran");
    for (const hook of [
      "post-merge",
      "pre-merge-commit",
      "post-checkout",
      "reference-transaction",
      "post-rewrite",
    ]) {
      const file = path.join(it.repo.commonDir, "hooks", hook);
      await writeFile(file, `#!/bin/sh\necho ran >>'${ran}'\n`, { mode: 0o755 });
    }
    await it.repo.write("README.md", "mine\n");
    await it.repo.git("add", "README.md");
    await it.repo.write("notes", "untracked\n");
    await it.agents.commit(1, "one.txt");
    await it.run();
    expect(await it.repo.git("status", "--porcelain")).toBe("M  README.md\n?? notes");
    await expect(readFile(ran)).rejects.toThrow("ENOENT");
  });

  test.each([
    "merge.ff=false",
    "merge.autoStash=true",
    "branch.main.mergeOptions=--squash --no-commit",
    "submodule.recurse=true",
  ])("%s of the user's does not change what happens", async (setting) => {
    const [name = "", value = ""] = setting.split("=", 2);
    await it.repo.git("config", name, setting.slice(name.length + 1) || value);
    const work = await it.agents.commit(1, "one.txt");
    await it.run();
    expect(await it.rev("main")).toBe(work);
    expect(await it.repo.git("status", "--porcelain")).toBe("");
  });
});

describe("conflicts", () => {
  test("leave everything as it was and name the files, however they are called", async () => {
    const odd = ["src/app.js", "new\nline", "sp ace", 'quo"te', "größe"];
    for (const file of odd) await it.agents.commit(1, file, "agent\n");
    await it.agents.git(1, "rm", "-q", "README.md");
    await it.agents.git(1, "commit", "-q", "-m", "gone");
    for (const file of [...odd, "README.md"]) await it.repo.write(file, "own\n");
    await it.repo.commit("own");
    await it.expectUntouched(async () => {
      const error = await errorOf(it.run());
      expect(error).toMatchObject({ code: "E_MERGE_CONFLICT", exitCode: 1 });
      const files = error.details["files"] as { path: string; kinds: string[] }[];
      expect(files.map(({ path: file }) => file).sort()).toEqual([...odd, "README.md"].sort());
      expect(files.find(({ path: file }) => file === "README.md")?.kinds).toEqual(["modify/delete"]);
      expect(error.message).toContain('"new\\nline"');
      expect(error.message).not.toContain("\n");
      expect(error.hint).toContain(`devkit exec 1 -- git merge ${(await it.rev("main")).slice(0, 12)}`);
    });
  });

  test("what the hint says works: the agent merges the commit itself, and then it goes", async () => {
    await it.agents.commit(1, "README.md", "agent\n");
    await it.repo.write("README.md", "own\n");
    const own = await it.repo.commit("own");
    await errorOf(it.run());
    await it.agents.git(1, "merge", own.slice(0, 12)).catch(() => undefined);
    await writeFile(path.join(it.agents.worktreeOf(1), "README.md"), "both\n");
    await it.agents.git(1, "commit", "-q", "-a", "--no-edit");
    expect(await it.run()).toMatchObject({ kind: "fast-forward" });
    expect(await it.read("README.md")).toBe("both\n");
  });

  test("in binary files and in a name that is not UTF-8 are told too", async () => {
    const name = Buffer.concat([Buffer.from(`${it.agents.worktreeOf(1)}/f`), Buffer.from([0xe9])]);
    await writeFile(name, "agent");
    await writeFile(path.join(it.agents.worktreeOf(1), "bin"), Buffer.from([0, 1, 2]));
    await it.agents.git(1, "add", ".");
    await it.agents.git(1, "commit", "-q", "-m", "odd");
    await writeFile(Buffer.concat([Buffer.from(`${it.repo.root}/f`), Buffer.from([0xe9])]), "own");
    await writeFile(path.join(it.repo.root, "bin"), Buffer.from([0, 9]));
    await it.repo.commit("own");
    const error = await errorOf(it.run());
    const files = error.details["files"] as { path: string; kinds: string[] }[];
    expect(files.map(({ path: file }) => file)).toEqual(["bin", '"f\\351"']);
    expect(files[0]?.kinds).toContain("binary");
  });

  test("unrelated histories are refused with what to do", async () => {
    await it.agents.git(1, "switch", "-q", "--orphan", "fresh");
    await it.agents.commit(1, "one.txt");
    for (const mode of ["merge", "squash", "rebase"] as const) {
      await it.expectUntouched(async () => {
        expect(await errorOf(it.run({ mode }))).toMatchObject({ code: "E_UNRELATED", exitCode: 1 });
      });
    }
  });

  test("an agent on a branch without a commit is told as that", async () => {
    await it.agents.git(1, "switch", "-q", "--orphan", "fresh");
    expect(await errorOf(it.run())).toMatchObject({ code: "E_NO_COMMIT" });
  });
});
