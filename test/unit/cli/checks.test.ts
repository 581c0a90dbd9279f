import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { projectOf } from "../../../src/domain/identity/project.js";
import { createRepo, gitIn, type Repo } from "../support/repo.js";
import { runCli } from "../support/run-cli.js";

let repo: Repo;

const run = (...args: string[]) => runCli("-C", repo.root, ...args);
const said = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await run(...args);
  return [exitCode, `${stdout}${stderr}`.trimEnd()];
};
const data = async (...args: string[]) => (await run("--json", ...args)).document().data;
const settings = () => readFile(path.join(repo.root, "devkit.toml"), "utf8");
const edit = (file: string, text: string) => repo.write(file, text);

beforeEach(async () => {
  repo = await createRepo();
});

describe("checks", () => {
  test("are added to devkit.toml, listed, and removed without a trace", async () => {
    const before = "# mine\n[tasks]\nprefix = 'X'   # kept\n";
    await edit("devkit.toml", before);
    await chmod(path.join(repo.root, "devkit.toml"), 0o640);
    expect(await said("check", "add", "src/**", "-m", "Are the pages right?")).toEqual([
      ...[0, "Added: src (block) for src/**"],
    ]);
    expect(await said("check", "add", "src/", "-m", "Once more?", "-s", "info")).toEqual([
      ...[0, "Added: src-2 (info) for src/"],
    ]);
    expect(await said("check", "list")).toEqual([
      0,
      [
        "CHECK  SEVERITY  SCOPE   MESSAGE",
        "src    block     src/**  Are the pages right?",
        "src-2  info      src/    Once more?",
      ].join("\n"),
    ]);
    expect((await settings()).startsWith(before)).toBe(true);
    await said("check", "remove", "src");
    expect(await said("check", "remove", "src-2")).toEqual([0, "Removed: src-2"]);
    expect(await settings()).toBe(before);
    expect((await stat(path.join(repo.root, "devkit.toml"))).mode & 0o777).toBe(0o640);
  });

  test("are added where there is no devkit.toml, and through a link to it", async () => {
    await said("check", "add", "*.sql", "-m", "Is there a way back?", "--id", "migrations");
    expect(await settings()).toBe(
      '[[check]]\nid = "migrations"\nscope = "*.sql"\nmessage = "Is there a way back?"\nseverity = "block"\n',
    );
    const file = path.join(repo.root, "devkit.toml");
    const real = path.join(path.dirname(repo.root), "real.toml");
    await writeFile(real, "");
    await rm(file);
    await symlink(real, file);
    await said("check", "add", "*.sql", "-m", "x");
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, "utf8")).toContain('id = "sql"');
  });

  test("that cannot be are refused, and so is what only a person can edit", async () => {
    const codeOf = async (...args: string[]) => (await run("--json", ...args)).document().error?.code;
    expect(await codeOf("check", "add", "/etc", "-m", "x")).toBe("E_CHECK_INPUT");
    expect(await codeOf("check", "add", "a")).toBe("E_CHECK_INPUT");
    expect(await codeOf("check", "add", "a", "-m", "x\ny")).toBe("E_CHECK_INPUT");
    expect(await codeOf("check", "add", "a", "-m", "x", "--id", "A")).toBe("E_CHECK_INPUT");
    expect(await codeOf("check", "remove", "nothing")).toBe("E_CHECK_UNKNOWN");
    await edit("devkit.toml", 'check = [{ scope = "a", message = "b" }]\n');
    expect(await codeOf("check", "add", "a", "-m", "x")).toBe("E_CHECK_INPUT");
    expect(await codeOf("check", "add", "b", "-m", "x", "--id", "a")).toBe("E_CHECK_INPUT");
    expect(await codeOf("check", "remove", "a")).toBe("E_CHECK_INPUT");
    expect(await settings()).toBe('check = [{ scope = "a", message = "b" }]\n');
  });

  test("of an overlay are not devkit.toml's to remove", async () => {
    await edit(".devkit-overlays/more/overlay.toml", '[[check]]\nscope = "a"\nmessage = "b"\n');
    const { exitCode, stderr } = await run("-p", "more", "check", "remove", "a");
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("but in the overlay more")]);
  });
});

describe("check run", () => {
  beforeEach(async () => {
    await said("check", "add", "src/**", "-m", "Are the pages right?", "--id", "docs");
    await said("check", "add", "*.md", "-m", "Spelling?", "-s", "warn", "--id", "spell");
    await repo.commit("checks");
  });

  test("names what staged files need, until it is verified", async () => {
    expect(await said("check", "run")).toEqual([0, "No check is about these changes."]);
    await edit("src/app.js", "2;\n");
    expect(await said("check", "run")).toEqual([0, "No check is about these changes."]);
    await edit("src/ü new.js", "3;\n");
    await repo.git("add", "-A");
    expect(await said("check", "run")).toEqual([
      1,
      [
        "✗ docs (block): Are the pages right?",
        "    src/app.js",
        "    src/ü new.js",
        '  devkit verify docs -m "…"',
        "1 check not verified.",
      ].join("\n"),
    ]);
    expect(await said("verify", "docs", "-m", " they\n are ")).toEqual([0, "Verified: docs: they are"]);
    expect(await said("check", "run")).toEqual([0, "✓ docs: main: they are\nAll are verified."]);
    expect(await said("verify", "docs", "-m", "now they are")).toEqual([0, "Verified: docs: now they are"]);
    expect(await data("check", "run")).toMatchObject({
      checks: [{ id: "docs", met: true, verification: { message: "now they are", verified_by: "main" } }],
      blocked: false,
    });
  });

  test("fails for what blocks only", async () => {
    await edit("README.md", "more\n");
    await repo.git("add", "-A");
    const [exitCode, text] = await said("check", "run");
    expect(exitCode).toBe(0);
    expect(text).toContain("! spell (warn): Spelling?");
    expect(text).toContain("1 check not verified, none of which blocks.");
  });

  test("counts both names of what was moved", async () => {
    await repo.git("mv", "src/app.js", "app.js");
    expect((await said("check", "run"))[1]).toContain("    src/app.js\n");
  });

  test("looks at what changed since a commit, staged or not; for a CI at commits only", async () => {
    await repo.git("branch", "base");
    await edit("src/app.js", "4;\n");
    expect((await said("check", "run", "--diff-base", "base"))[0]).toBe(1);
    expect((await said("check", "run", "--ci", "--diff-base", "base"))[0]).toBe(0);
    await repo.commit("change");
    await said("verify", "docs", "-m", "yes");
    expect((await said("check", "run", "--diff-base", "base"))[0]).toBe(0);
    const [exitCode, text] = await said("check", "run", "--ci", "--diff-base", "base");
    expect(exitCode).toBe(1);
    expect(text).toContain('git commit --amend --no-edit --trailer "Devkit-Verify: docs | … | main"');
    await repo.git("commit", "-q", "--amend", "--no-edit", "--trailer", "Devkit-Verify: docs | it is | tess");
    expect(await said("check", "run", "--ci", "--diff-base", "base")).toEqual([
      ...[0, "✓ docs: tess: it is\nAll are verified."],
    ]);
  });

  test("needs a commit to count from", async () => {
    const codeOf = async (...args: string[]) => (await run("--json", ...args)).document().error?.code;
    expect(await codeOf("check", "run", "--ci")).toBe("E_USAGE");
    expect(await codeOf("check", "run", "--ci", "--diff-base", "nowhere")).toBe("E_NO_COMMIT");
    expect(await codeOf("check", "run", "--diff-base=--output=x")).toBe("E_NO_COMMIT");
    expect(await codeOf("verify", "nothing", "-m", "x")).toBe("E_CHECK_UNKNOWN");
    expect(await codeOf("verify", "docs")).toBe("E_CHECK_INPUT");
  });
});

describe("init --hooks", () => {
  const hooks = async () =>
    (await readdir(path.join(repo.commonDir, "hooks"))).filter((name) => !name.endsWith(".sample")).sort();

  test("writes devkit's git hooks, which are told of checks that come and go", async () => {
    expect((await said("init", "--hooks"))[1]).toContain(`Wrote git hooks: ${repo.commonDir}/hooks`);
    expect(await hooks()).toEqual(["commit-msg", "post-commit", "pre-commit"]);
    await said("check", "add", "a", "-m", "b");
    expect(await hooks()).toContain("devkit-checks");
    await said("check", "remove", "a");
    expect(await hooks()).not.toContain("devkit-checks");
  });

  test("leaves git hooks alone that are somewhere else, or kept twice", async () => {
    const error = async () => (await run("--json", "init", "--hooks")).document().error;
    await repo.git("config", "core.hooksPath", ".husky");
    expect(await error()).toMatchObject({ code: "E_WORK_IN_THE_WAY", details: { hooksPath: ".husky" } });
    expect(await hooks()).toEqual([]);
    await repo.git("config", "--unset", "core.hooksPath");
    for (const name of ["pre-commit", "pre-commit.local"])
      await writeFile(path.join(repo.commonDir, "hooks", name), "#!/bin/sh\n");
    expect(await error()).toMatchObject({ code: "E_WORK_IN_THE_WAY", details: { hooks: ["pre-commit"] } });
  });
});

describe("an agent, here one with a name of its own", () => {
  let worktree: string;

  beforeEach(async () => {
    const { root, commonDir } = repo;
    const stateHome = path.join(process.env["HOME"] ?? "", ".local/state");
    const { stateDir } = projectOf({ root, commonDir, stateHome });
    await mkdir(path.join(stateDir, "agents/backend"), { recursive: true });
    await writeFile(path.join(stateDir, "agents/backend/index"), "1\n");
    worktree = path.join(path.dirname(root), "elsewhere");
    await repo.git("worktree", "add", "-q", "--lock", "--reason", "devkit backend", worktree);
    await edit("devkit.toml", '[[check]]\nid = "docs"\nscope = "a"\nmessage = "b"\n');
  });

  const local = (file: string) => readFile(path.join(worktree, ".devkit", file), "utf8");

  test("has its task, its verifications and its topic in its own worktree", async () => {
    await said("task", "add", "one");
    expect(await said("task", "start", "TSK-1", "--agent", "backend")).toEqual([0, "Started: TSK-1 - one"]);
    expect(await said("verify", "docs", "-m", "so", "--agent", "1")).toEqual([0, "Verified: docs: so"]);
    await said("topic", "use", "api", "--agent", "backend");
    expect([await local("HEAD"), await local("current-topic")]).toEqual(["TSK-1\n", "api\n"]);
    expect(JSON.parse(await local("staged-verifications.json"))).toMatchObject([{ verified_by: "backend" }]);
    expect(await said("topic", "current")).toEqual([0, expect.stringContaining("No topic is current")]);
    expect(await gitIn(worktree, "status", "--porcelain", "-uall")).toBe("");
    await said("task", "done", "--agent", "1");
    await expect(local("HEAD")).rejects.toThrow("ENOENT");
  });

  test("without a worktree has nothing, and is told so", async () => {
    await rm(worktree, { recursive: true });
    await said("task", "add", "one");
    expect(await said("task", "start", "TSK-1", "--agent", "1")).toEqual([0, "Started: TSK-1 - one"]);
    expect((await said("verify", "docs", "-m", "so", "--agent", "1"))[1]).toContain(
      "backend has no worktree",
    );
    expect((await said("topic", "use", "api", "--agent", "1"))[1]).toContain("backend has no worktree");
  });
});

describe("topics", () => {
  test("are those of devkit.toml and of tasks; the current one is for new tasks", async () => {
    await edit("devkit.toml", '[tasks.topics]\napi = "What clients see"\nui = ""\n');
    await said("task", "add", "one", "--topic", "old");
    expect(await said("topic", "use", "api")).toEqual([0, "New tasks belong to api."]);
    await said("task", "add", "two");
    await said("task", "add", "three", "--topic", "ui");
    expect(await said("topic", "list")).toEqual([
      0,
      [
        "   TOPIC  OPEN  DESCRIPTION",
        ">  api    1/1   What clients see",
        "   ui     1/1",
        "   old    1/1",
      ].join("\n"),
    ]);
    expect((await said("task", "list", "--topic", "api"))[1]).toMatch(/ two$/);
    expect(await said("topic", "current")).toEqual([0, "api"]);
    expect(await said("topic", "use")).toEqual([0, "No topic is current."]);
    expect(await data("topic", "current")).toEqual({ current: null });
    expect((await said("topic", "use", "nope"))[1]).toContain(
      "there is no topic nope; there are api, ui, old",
    );
    expect((await said("topic", "use", "../x"))[0]).toBe(2);
  });
});
