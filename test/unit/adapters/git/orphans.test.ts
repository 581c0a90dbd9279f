import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { clearStaleLocks } from "../../../../src/adapters/git/orphans.js";
import { createRepo, type Repo } from "../../support/repo.js";

let repo: Repo;
let admin: string;

beforeEach(async () => {
  repo = await createRepo();
  admin = path.join(repo.root, "..", "admin");
  await mkdir(admin);
  for (const name of ["index.lock", "HEAD.lock", "index", "HEAD"])
    await writeFile(path.join(admin, name), "");
});

const left = async () => (await readdir(admin)).sort();

test("lock files that nobody holds any more go, and nothing else", async () => {
  await clearStaleLocks(repo.root, admin);
  expect(await left()).toEqual(["HEAD", "index"]);
  await clearStaleLocks(repo.root, admin);
  expect(await left()).toEqual(["HEAD", "index"]);
});

test.runIf(process.platform === "linux")(
  "as long as a git still works there, its locks are its own",
  async () => {
    const git = spawn("git", ["cat-file", "--batch"], { cwd: repo.root, stdio: ["pipe", "pipe", "inherit"] });
    git.stdin.write("HEAD\n");
    await once(git.stdout, "data");
    let isOver = false;
    const clearing = clearStaleLocks(repo.root, admin).then(() => (isOver = true));
    for (let round = 0; round < 50; round += 1) await left();
    expect([isOver, await left()]).toEqual([false, ["HEAD", "HEAD.lock", "index", "index.lock"]]);
    git.kill("SIGKILL");
    await clearing;
    expect(await left()).toEqual(["HEAD", "index"]);
  },
);

test.runIf(process.platform === "linux")("a git that works elsewhere is none of its business", async () => {
  const other = await createRepo();
  const git = spawn("git", ["cat-file", "--batch"], { cwd: other.root, stdio: ["pipe", "pipe", "inherit"] });
  git.stdin.write("HEAD\n");
  await once(git.stdout, "data");
  await clearStaleLocks(repo.root, admin);
  expect(await left()).toEqual(["HEAD", "index"]);
  git.kill("SIGKILL");
});
