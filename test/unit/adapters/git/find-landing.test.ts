import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { findLanding } from "../../../../src/adapters/git/find-landing.js";
import { createGit } from "../../../../src/adapters/git/run-git.js";
import { createRepo, type Repo } from "../../support/repo.js";

let repo: Repo;

beforeEach(async () => {
  repo = await createRepo();
  await repo.git("switch", "-q", "-c", "work");
});

const landing = () => findLanding(createGit(repo.root), "work", "main");

async function change(file: string, text: string): Promise<string> {
  await repo.write(file, text);
  return repo.commit(`change ${file}`);
}

const onMain = () => repo.git("switch", "-q", "main");

test("a branch without commits of its own, and one that was merged", async () => {
  expect(await landing()).toBe("ancestor");
  await change("a", "1");
  await onMain();
  await change("b", "1");
  expect(await landing()).toBeUndefined();
  await repo.git("merge", "-q", "work");
  expect(await landing()).toBe("ancestor");
});

test("a squash right away has the same files, also after the base went on", async () => {
  await change("a", "1");
  await change("a", "2");
  await onMain();
  await repo.git("merge", "-q", "--squash", "work");
  await repo.commit("squash");
  expect(await landing()).toBe("tree");
  await change("b", "1");
  expect(await landing()).toBe("tree");
});

test("changes that were taken back leave nothing to land", async () => {
  await change("a", "1");
  await repo.git("revert", "--no-edit", "HEAD");
  await onMain();
  await change("b", "1");
  expect(await landing()).toBe("empty");
});

test("a squash onto a base that had gone on is the same patch", async () => {
  await change("src/app.js", "1;\n2;\n");
  await change("new file", "1");
  await onMain();
  await change("b", "1");
  await repo.git("merge", "-q", "--squash", "work");
  await repo.commit("squash");
  await change("c", "1");
  expect(await landing()).toBe("patch");
});

test("commits that landed one by one", async () => {
  await change("a", "1");
  await change("a", "2");
  await onMain();
  await change("b", "1");
  await repo.git("cherry-pick", "main..work");
  expect(await landing()).toBe("patch");
});

test("half of it is not all of it", async () => {
  await change("a", "1");
  await change("c", "2");
  await onMain();
  await change("b", "1");
  await repo.git("cherry-pick", "work~1");
  expect(await landing()).toBeUndefined();
});

test("a blank more, or other bytes of a binary file, are no landing", async () => {
  await change("src/app.js", "1;\n2;\n");
  await onMain();
  await change("src/app.js", "1;\n2; \n");
  expect(await landing()).toBeUndefined();

  await repo.git("switch", "-q", "-C", "work", "main");
  await writeFile(path.join(repo.root, "bin"), Buffer.from([0, 1, 2]));
  await repo.commit("binary");
  await onMain();
  await change("d", "1");
  await writeFile(path.join(repo.root, "bin"), Buffer.from([0, 1, 3]));
  await repo.commit("another binary");
  expect(await landing()).toBeUndefined();
});

test("an executable bit is part of a patch", async () => {
  await repo.git("update-index", "--chmod=+x", "src/app.js");
  await repo.git("commit", "-q", "-m", "executable");
  await repo.git("checkout", "-q", "-f", "main");
  await change("b", "1");
  await repo.git("cherry-pick", "work");
  expect(await landing()).toBe("patch");
});

test("histories without a common commit, and whatever the user's diff settings", async () => {
  await repo.git("config", "diff.external", "false");
  await repo.git("config", "diff.renames", "copies");
  await repo.git("config", "log.showSignature", "true");
  await change("a", "1");
  await onMain();
  await change("b", "1");
  await repo.git("cherry-pick", "work");
  expect(await landing()).toBe("patch");
  await repo.git("checkout", "-q", "--orphan", "other");
  await repo.commit("alone");
  expect(await findLanding(createGit(repo.root), "other", "main")).toBeUndefined();
});
