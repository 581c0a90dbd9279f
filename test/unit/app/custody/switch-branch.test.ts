import { execa } from "execa";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { SWITCH_BRANCH } from "../../../../src/app/custody/reset-scripts.js";
import { tempDir } from "../../support/temp.js";

let dir: string;
const env = {
  GIT_AUTHOR_NAME: "t",
  GIT_AUTHOR_EMAIL: "t@e",
  GIT_COMMITTER_NAME: "t",
  GIT_COMMITTER_EMAIL: "t@e",
};
const git = async (...args: string[]) => (await execa("git", args, { cwd: dir, env })).stdout;
const write = (file: string, text: string) => writeFile(path.join(dir, file), text);
const go = () => execa("sh", ["-c", SWITCH_BRANCH, "sh", "next", "task"], { cwd: dir, env, reject: false });

/** On a branch behind `next`, which has one file more and another changed; a checkout of it wrote these and no index. */
beforeEach(async () => {
  dir = await tempDir();
  await git("init", "-q", "-b", "main");
  await write("changed", "old\n");
  await git("add", ".");
  await git("commit", "-qm", "first");
  await git("switch", "-qc", "next");
  await write("changed", "new\n");
  await write("with space", "added\n");
  await git("add", ".");
  await git("commit", "-qm", "second");
  await git("switch", "-q", "main");
  await write("changed", "new\n");
  await write("with space", "added\n");
});

test("a checkout that was cut off goes on: what it has written is what the branch has", async () => {
  await write("draft", "mine\n");
  expect(await go()).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await git("status", "--porcelain", "--branch")).toBe("## task\n?? draft");
});

test("a file that differs from the branch's is refused as before, and nothing is changed", async () => {
  await write("with space", "mine\n");
  const before = await git("status", "--porcelain", "--branch");
  const { exitCode, stderr } = await go();
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("with space");
  expect(await git("status", "--porcelain", "--branch")).toBe(before);
  expect(await readFile(path.join(dir, "with space"), "utf8")).toBe("mine\n");
});
