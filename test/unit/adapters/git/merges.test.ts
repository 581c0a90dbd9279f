import { readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createGitMerges } from "../../../../src/adapters/git/merges.js";
import type { Merges } from "../../../../src/app/ports-merging.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf, tempDir } from "../../support/temp.js";

const PATH = process.env["PATH"];
let repo: Repo;
let merges: Merges;
let [ours, theirs] = ["", ""];

beforeEach(async () => {
  repo = await createRepo();
  await repo.git("switch", "-q", "-c", "side");
  await repo.write("side.txt", "side");
  theirs = await repo.commit("side");
  await repo.git("switch", "-q", "main");
  await repo.write("own.txt", "own");
  ours = await repo.commit("own");
  merges = createGitMerges(repo);
});

afterEach(() => {
  process.env["PATH"] = PATH;
});

test("a git that is too old for this is named with what is needed", async () => {
  const bin = await tempDir();
  const script = '#!/bin/sh\ncase "$*" in *--version*) echo git version 2.36.1;; *) exit 129;; esac\n';
  await writeFile(path.join(bin, "git"), script, { mode: 0o755 });
  process.env["PATH"] = `${bin}:${PATH ?? ""}`;
  const error = await errorOf(merges.mergeTrees(ours, theirs));
  expect(error).toMatchObject({ code: "E_TOOL_MISSING", exitCode: 3, details: { version: "2.36.1" } });
  expect(error.message).toContain("2.38");
});

test("a commit is signed when the user signs commits, by the program they sign with", async () => {
  const program = path.join(await tempDir(), "sign");
  const said = "[GNUPG:] SIG_CREATED ";
  await writeFile(program, `#!/bin/sh\ncat >/dev/null\nprintf '\\n${said}\\n' >&2\necho SIGNED-BY-TEST\n`, {
    mode: 0o755,
  });
  await repo.git("config", "gpg.program", program);
  const request = { tree: await merges.treeOf(ours), parents: [ours], message: "x\n" };
  expect(await repo.git("cat-file", "commit", await merges.commit(request))).not.toContain("gpgsig");
  await repo.git("config", "commit.gpgSign", "true");
  expect(await repo.git("cat-file", "commit", await merges.commit(request))).toContain(
    "gpgsig SIGNED-BY-TEST",
  );
  const { tip } = await merges.replay(ours, theirs);
  expect(await repo.git("cat-file", "commit", tip)).toContain("gpgsig SIGNED-BY-TEST");
  // What is only tried out asks for no passphrase.
  await repo.git("config", "gpg.program", "false");
  await merges.aside(async (tried) => expect((await tried.replay(ours, theirs)).replayed).toBe(1));
  expect(await errorOf(merges.commit(request))).toMatchObject({ code: "E_GIT" });
});

test("without an identity the error says how to set one", async () => {
  await writeFile(path.join(process.env["HOME"] ?? "", ".gitconfig"), "[user]\n\tuseConfigOnly = true\n");
  const error = await errorOf(
    merges.commit({ tree: await merges.treeOf(ours), parents: [ours], message: "x\n" }),
  );
  expect(error.hint).toContain("git config --global user.name");
});

test("what is tried aside leaves no object and no directory", async () => {
  const before = await repo.git("count-objects");
  const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("devkit-merge-"));
  const others = await left();
  const tip = await merges.aside(async (tried) => {
    const merged = await tried.mergeTrees(ours, theirs);
    const oid = await tried.commit({ tree: merged?.tree ?? "", parents: [ours, theirs], message: "x\n" });
    expect((await tried.changes(ours, oid)).map(({ path: file }) => file)).toEqual(["side.txt"]);
    return oid;
  });
  expect(await repo.git("count-objects")).toBe(before);
  expect((await left()).filter((name) => !others.includes(name))).toEqual([]);
  await expect(repo.git("cat-file", "-e", tip)).rejects.toThrow();
});

test("conflicts of submodules, renames and modes are told with their kinds", async () => {
  const link = (oid: string) =>
    repo.git("update-index", "--add", "--cacheinfo", `160000,${oid.repeat(40)},sub`);
  await repo.git("switch", "-q", "-c", "one");
  await link("1");
  await repo.git("mv", "README.md", "ONE.md");
  await repo.git("commit", "-q", "-m", "one");
  const one = await repo.git("rev-parse", "HEAD");
  await repo.git("switch", "-q", "-f", "main");
  await link("2");
  await repo.git("mv", "README.md", "TWO.md");
  await repo.git("commit", "-q", "-m", "two");
  const merged = await merges.mergeTrees("HEAD", one);
  const kinds = new Map(merged?.conflicts.map(({ path: file, kinds: found }) => [file, found.join()]));
  expect([...kinds.keys()]).toEqual(expect.arrayContaining(["sub", "README.md", "ONE.md", "TWO.md"]));
  expect(kinds.get("ONE.md")).toContain("rename/rename");
});

test("attributes of the primary hold, as they do for git merge", async () => {
  await repo.git("switch", "-q", "-c", "union-side", "main");
  await repo.write("list", "b\n");
  const other = await repo.commit("other");
  await repo.git("switch", "-q", "main");
  await repo.write("list", "a\n");
  await repo.write(".gitattributes", "list merge=union\n");
  const own = await repo.commit("union");
  const merged = await merges.mergeTrees(own, other);
  expect(merged?.conflicts).toEqual([]);
  expect(await gitIn(repo.root, "show", `${merged?.tree ?? ""}:list`)).toBe("a\nb");
});

test("works in a repository with SHA-256", async () => {
  const sha256 = await createRepo({ init: ["--object-format=sha256"] });
  const first = await sha256.git("rev-parse", "HEAD");
  const second = await sha256.commit("second");
  const found = createGitMerges(sha256);
  expect((await found.mergeTrees(first, second))?.tree).toMatch(/^[0-9a-f]{64}$/);
  expect(await found.commitsSince(first, second)).toEqual([{ oid: second, subject: "second" }]);
});
