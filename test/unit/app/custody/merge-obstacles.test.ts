import { mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createMerging, type Merging } from "../../support/merging.js";
import { describeRepo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

let it: Merging;

beforeEach(async () => {
  it = await createMerging();
});

describe("what is in the way", () => {
  test.each([
    ["changed", async () => it.repo.write("README.md", "mine\n")],
    ["staged", async () => (await it.repo.write("README.md", "mine\n"), it.repo.git("add", "README.md"))],
    ["removed", async () => rm(path.join(it.repo.root, "README.md"))],
    [
      "made a link",
      async () => (
        await rm(path.join(it.repo.root, "README.md")),
        symlink("x", path.join(it.repo.root, "README.md"))
      ),
    ],
  ])("a file %s in the primary is not overwritten", async (_, change) => {
    await it.agents.commit(1, "README.md", "agent\n");
    await change();
    await it.expectUntouched(async () => {
      for (const dryRun of [true, false]) {
        const error = await errorOf(it.run({ dryRun }));
        expect(error).toMatchObject({
          code: "E_WORK_IN_THE_WAY",
          exitCode: 5,
          details: { files: ["README.md"] },
        });
      }
    });
  });

  test.each([
    ["untracked", ""],
    ["ignored", "secret\n"],
  ])("an %s file is not overwritten", async (_, ignored) => {
    await it.repo.write(".git/info/exclude", ignored);
    await it.agents.git(1, "config", "core.excludesFile", "/dev/null");
    await it.agents.commit(1, "secret", "agent\n");
    await it.repo.write("secret", "mine\n");
    await it.expectUntouched(async () => {
      expect(await errorOf(it.run())).toMatchObject({
        code: "E_WORK_IN_THE_WAY",
        details: { files: ["secret"] },
      });
    });
    expect(await it.read("secret")).toBe("mine\n");
  });

  test("an untracked file where a directory has to be, and files in a directory where a file has to be", async () => {
    await mkdir(path.join(it.agents.worktreeOf(1), "dir"));
    await it.agents.commit(1, "dir/file", "agent\n");
    await it.repo.write("dir", "mine\n");
    await it.expectUntouched(async () => {
      expect(await errorOf(it.run())).toMatchObject({ code: "E_WORK_IN_THE_WAY", exitCode: 5 });
    });
    await rm(path.join(it.repo.root, "dir"));
    await it.agents.commit(1, "plain", "agent\n");
    await it.repo.write("plain/mine", "mine\n");
    await it.expectUntouched(async () => {
      expect(await errorOf(it.run())).toMatchObject({ code: "E_WORK_IN_THE_WAY", exitCode: 5 });
    });
    expect(await it.read("plain/mine")).toBe("mine\n");
  });

  test.each(["merge", "cherry-pick", "rebase"])(
    "a %s that is not finished in the primary",
    async (operation) => {
      await it.repo.git("switch", "-q", "-c", "other");
      await it.repo.write("README.md", "other\n");
      await it.repo.commit("other");
      await it.repo.git("switch", "-q", "main");
      await it.repo.write("README.md", "own\n");
      await it.repo.commit("own");
      await it.repo.git(operation, "other").catch(() => undefined);
      await it.agents.commit(1, "one.txt");
      for (const mode of ["merge", "squash"] as const) {
        const error = await errorOf(it.run({ mode, into: "main" }));
        expect(error).toMatchObject({ code: "E_BRANCH_IN_USE", exitCode: 5 });
        expect(error.message).toContain(operation);
      }
    },
  );

  test("a primary without a branch wants one named", async () => {
    await it.repo.git("switch", "-q", "--detach");
    const error = await errorOf(it.run());
    expect(error).toMatchObject({ code: "E_USAGE", exitCode: 2 });
    expect(error.hint).toContain("--into");
    const work = await it.agents.commit(1, "one.txt");
    await it.run({ into: "main" });
    expect(await it.rev("main")).toBe(work);
  });

  test.each([
    ["nobody", "E_BRANCH_UNKNOWN", 4],
    ["--all", "E_BRANCH_UNKNOWN", 4],
    ["a b", "E_BRANCH_UNKNOWN", 4],
    ["agent/agent-2/idle", "E_BRANCH_IN_USE", 5],
    ["agent/agent-1/idle", "E_BRANCH_IN_USE", 5],
  ])("--into %s is %s", async (into, code, exitCode) => {
    await it.repo.git("branch", "agent/agent-2/idle");
    await it.agents.commit(1, "one.txt");
    await it.expectUntouched(async () =>
      expect(await errorOf(it.run({ into }))).toMatchObject({ code, exitCode }),
    );
  });

  test("a dry run says what would be and makes nothing", async () => {
    await it.agents.commit(1, "one.txt");
    await it.repo.write("own.txt", "own");
    await it.repo.commit("own");
    await it.agents.sync(1);
    const before = await describeRepo(it.repo);
    for (const mode of ["merge", "squash", "rebase"] as const) {
      const result = await it.run({ mode, dryRun: true });
      expect(result).toMatchObject({ kind: mode, files: [{ path: "one.txt", status: "added" }] });
    }
    expect(await describeRepo(it.repo)).toBe(before);
  });
});
