import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readActivity } from "../../../../src/adapters/fs/read-activity.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { tempDir } from "../../support/temp.js";

let repo: Repo;
const read = () => readActivity(repo.commonDir);

beforeEach(async () => {
  repo = await createRepo();
  await repo.git("switch", "-q", "-c", "side");
  await repo.write("README.md", "side\n");
  await repo.commit("side");
  await repo.git("switch", "-q", "main");
  await repo.write("README.md", "main\n");
  await repo.commit("main");
});

/** A git command that is meant to stop in the middle. */
const stops = (...args: string[]) => gitIn(repo.root, ...args).catch(() => "");

describe("what git is in the middle of", () => {
  test("is nothing in a clean git dir", async () => {
    expect(await read()).toEqual({ stashes: 0, operations: [], interruptedBranch: undefined });
  });

  test.each([
    ["merge", ["merge", "side"], undefined],
    ["cherry-pick", ["cherry-pick", "side"], undefined],
    ["revert", ["revert", "--no-edit", "HEAD~"], undefined],
    ["rebase", ["rebase", "side"], "refs/heads/main"],
    ["rebase", ["rebase", "--apply", "side"], "refs/heads/main"],
    ["bisect", ["bisect", "start"], "refs/heads/main"],
  ])("a %s (%j), and the branch %s", async (operation, args, branch) => {
    if (operation === "revert") {
      await repo.write("README.md", "later\n");
      await repo.commit("later");
    }
    await stops(...args);
    expect(await read()).toMatchObject({ operations: [operation], interruptedBranch: branch });
  });

  test("an am", async () => {
    const patch = await repo.git("format-patch", "-1", "side", "--stdout");
    const file = path.join(await tempDir(), "patch");
    await writeFile(file, `${patch}\n`);
    await stops("am", file);
    expect((await read()).operations).toEqual(["am"]);
  });
});

describe("stashes", () => {
  test("are counted, packed refs or not", async () => {
    for (const text of ["a", "b"]) {
      await repo.write("README.md", text);
      await repo.git("stash", "-q");
    }
    expect((await read()).stashes).toBe(2);
    await repo.git("pack-refs", "--all");
    expect((await read()).stashes).toBe(2);
    await repo.git("stash", "clear");
    expect((await read()).stashes).toBe(0);
  });
});

test("links are not followed out of the git dir", async () => {
  const outside = await tempDir();
  await mkdir(path.join(outside, "applying"));
  await writeFile(path.join(outside, "head-name"), "refs/heads/main\n");
  await symlink(outside, path.join(repo.commonDir, "rebase-apply"));
  expect(await read()).toEqual({ stashes: 0, operations: [], interruptedBranch: undefined });
});
