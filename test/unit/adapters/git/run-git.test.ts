import { execa } from "execa";
import { access, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createGit } from "../../../../src/adapters/git/run-git.js";
import { createRepo, type Repo } from "../../support/repo.js";
import { errorOf, tempDir } from "../../support/temp.js";

const ENV = { ...process.env };
let repo: Repo;

beforeEach(async () => {
  repo = await createRepo();
});

afterEach(() => {
  for (const name of Object.keys(process.env)) {
    if (!(name in ENV)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, ENV);
});

/** Puts a git of our own before the real one. */
async function fakeGit(script: string): Promise<void> {
  const bin = await tempDir();
  await writeFile(path.join(bin, "git"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env["PATH"] = `${bin}:${ENV["PATH"] ?? ""}`;
}

test("answers standard output as it is", async () => {
  expect(await createGit(repo.root)("log", "-1", "--format=%s")).toBe("first\n");
});

test("works on a git dir that is named, whatever the directory", async () => {
  const git = createGit(await tempDir(), repo.commonDir);
  expect(await git("log", "-1", "--format=%s")).toBe("first\n");
});

test.each(["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG_GLOBAL"])(
  "an inherited %s redirects nothing",
  async (name) => {
    process.env[name] = "/nowhere";
    expect(await createGit(repo.root)("status", "--porcelain")).toBe("");
    expect(await createGit(repo.root)("config", "user.name")).toBe("Tess Ter\n");
  },
);

test.each(["EDITOR", "PAGER", "GIT_EDITOR", "GIT_SSH_COMMAND", "GIT_PAGER", "GIT_ASKPASS"])(
  "%s of the user does not stop it",
  async (name) => {
    process.env[name] = "false";
    expect(await createGit(repo.root)("log", "-1", "--format=%s")).toBe("first\n");
  },
);

test("runs nothing that the repository's settings name, where the user's git would", async () => {
  const ran = path.join(repo.root, "..", "ran");
  const script = `#!/bin/sh\necho ran >>'${ran}'\n`;
  await writeFile(path.join(repo.root, "..", "monitor"), script, { mode: 0o755 });
  await writeFile(path.join(repo.commonDir, "hooks", "post-checkout"), script, { mode: 0o755 });
  await repo.git("config", "core.fsmonitor", `'${path.join(repo.root, "..", "monitor")}'`);
  const git = createGit(repo.root);
  await git("status", "--porcelain");
  await git("checkout", "-q", "-b", "other");
  await expect(access(ran)).rejects.toThrow();
  await repo.git("status", "--porcelain");
  await repo.git("checkout", "-q", "main");
  expect((await readFile(ran, "utf8")).split("\n").length).toBeGreaterThan(2);
});

describe("what git says when it fails", () => {
  test("is one line, after the command's name, with all of it in the details", async () => {
    const error = await errorOf(createGit(repo.root)("checkout", "no-such-branch"));
    expect(error.code).toBe("E_GIT");
    expect(error.message).toBe(
      "git checkout: pathspec 'no-such-branch' did not match any file(s) known to git",
    );
    expect(error.details).toMatchObject({ git: ["checkout", "no-such-branch"] });
  });

  test("is in English, whatever the user's language", async () => {
    process.env["LC_ALL"] = "de_DE.UTF-8";
    process.env["LANGUAGE"] = "de";
    await fakeGit('echo "fatal: in $LC_ALL $LANGUAGE" >&2; exit 128');
    expect((await errorOf(createGit(repo.root)("fetch"))).message).toBe("git fetch: in C");
  });

  test("that there is no git at all", async () => {
    process.env["PATH"] = await tempDir();
    const error = await errorOf(createGit(repo.root)("status"));
    expect(error).toMatchObject({ code: "E_GIT_MISSING", exitCode: 3 });
    expect(error.hint).toContain("install");
  });

  test.each([
    ["fatal: write error: No space left on device", "E_DISK_FULL"],
    ["fatal: could not create directory: Read-only file system", "E_READ_ONLY"],
    ["error: unable to create file x: Permission denied", "E_READ_ONLY"],
    ["fatal: something else", "E_GIT"],
  ])("%s: %s", async (words, code) => {
    await fakeGit(`echo "${words}" >&2; exit 128`);
    expect((await errorOf(createGit(repo.root)("fetch"))).code).toBe(code);
  });

  test.each([
    ["prints nothing and fails", "exit 1"],
    ["prints an empty line and fails", "echo >&2; exit 128"],
    ["is killed", "kill -9 $$"],
    ["is killed after it printed its answer", "echo answer; kill -9 $$"],
  ])("a git that %s has failed", async (_, script) => {
    await fakeGit(script);
    expect((await errorOf(createGit(repo.root)("fetch"))).message).toMatch(/^git fetch: \S/);
  });
});

test("a git that waits for a pipe in the place of a file is given up", async () => {
  await execa("mkfifo", [path.join(repo.root, ".gitignore")]);
  const git = createGit(repo.root, undefined, 300);
  expect(await errorOf(git("status", "--porcelain"))).toMatchObject({ code: "E_TIMEOUT" });
});
