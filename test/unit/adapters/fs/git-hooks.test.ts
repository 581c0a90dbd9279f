import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gitHooks } from "../../../../src/adapters/fs/git-hooks.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf, tempDir } from "../../support/temp.js";

/** Says what it is asked and given, answers what the test has put there, and ends as that says. */
const STUB = `#!/bin/sh
{ printf '%s <' "$*"; tr '\\0\\n' ',;'; echo '>'; } >>"$STUB/asked"
cat "$STUB/$1.answer" 2>/dev/null
exit "$(cat "$STUB/$1.code" 2>/dev/null || echo 0)"
`;

let repo: Repo;
let stub: string;
const realPath = process.env["PATH"];

beforeEach(async () => {
  stub = await tempDir();
  await writeFile(path.join(stub, "devkit"), STUB.replaceAll("$STUB", stub), { mode: 0o755 });
  process.env["PATH"] = `${stub}:${realPath ?? ""}`;
  repo = await createRepo();
  gitHooks.install(repo.commonDir, true);
});

afterEach(() => {
  process.env["PATH"] = realPath;
});

const hooksDir = () => path.join(repo.commonDir, "hooks");
const set = (name: string, text: string) => writeFile(path.join(stub, name), text);
const asked = async () => {
  const text = await readFile(path.join(stub, "asked"), "utf8").catch(() => "");
  await rm(path.join(stub, "asked"), { force: true });
  return text.split("\n").filter((line) => line !== "");
};
const work = () => repo.write(".devkit/HEAD", "TSK-1\n");
const commit = (...args: string[]) => repo.git("commit", "-q", ...args);
const change = async (file: string, text = "x") => {
  await repo.write(file, text);
  await repo.git("add", "--", file);
};
const message = () => repo.git("log", "-1", "--format=%B");
const failed = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { stderr: string }).stderr,
  );

describe("devkit's git hooks", () => {
  test("ask about the commit's files, add what they are told to, and say what was committed", async () => {
    await work();
    await set(
      "hook-commit-msg.answer",
      "addIfDifferent Devkit-Verify: docs | a | b\nreplace Devkit-Task: TSK-1 | done | It\n",
    );
    await change("src/ü.js");
    await commit("-m", "subject", "-m", "Devkit-Task: TSK-1 | partial | It");
    expect(await asked()).toEqual([
      "hook-pre-commit <src/ü.js,>",
      "hook-commit-msg --action continue <Devkit-Task: TSK-1 | partial | It;>",
      expect.stringMatching(/^hook-post-commit <Devkit-\w+: .*;,src\/ü\.js,>$/),
    ]);
    expect(await message()).toBe("subject\n\nDevkit-Verify: docs | a | b\nDevkit-Task: TSK-1 | done | It\n");
  });

  test("look at the files of a partial commit, and not at all that is staged", async () => {
    await change("a");
    await change("b");
    await commit("-m", "a alone", "a");
    expect(await asked()).toEqual(["hook-pre-commit <a,>"]);
  });

  test("let a check that blocks keep a commit from being made, and nothing else", async () => {
    await work();
    await change("a");
    await set("hook-pre-commit.code", "6");
    await set("hook-pre-commit.answer", "docs is not verified");
    expect(await failed(commit("-m", "no"))).toContain("docs is not verified");
    expect(await message()).toBe("first\n");
    for (const code of [1, 2, 3, 5, 70, 127]) {
      for (const hook of ["pre-commit", "commit-msg", "post-commit"])
        await set(`hook-${hook}.code`, String(code));
      await commit("--allow-empty", "-m", `made ${String(code)}`);
      expect(await message()).toBe(`made ${String(code)}\n`);
    }
    await rm(path.join(stub, "devkit"));
    await commit("--allow-empty", "-m", "without devkit");
    expect(await message()).toBe("without devkit\n");
  });

  test("work in another worktree of the user's as in the primary", async () => {
    await work();
    await set("hook-commit-msg.answer", "addIfDifferent Devkit-Verify: docs | a | b\n");
    const other = path.join(await tempDir(), "other");
    await repo.git("worktree", "add", "-q", other);
    await asked();
    await gitIn(other, "commit", "-q", "--allow-empty", "-m", "x");
    expect((await asked()).map((line) => line.split(" ")[0])).toEqual([
      ...["hook-pre-commit", "hook-commit-msg", "hook-post-commit"],
    ]);
    expect(await gitIn(other, "log", "-1", "--format=%B")).toContain("Devkit-Verify: docs | a | b");
  });

  test("pass on DEVKIT_TASK_ACTION", async () => {
    await work();
    process.env["DEVKIT_TASK_ACTION"] = "done";
    const { execa } = await import("execa");
    await execa("git", ["commit", "-q", "--allow-empty", "-m", "x"], { cwd: repo.root });
    delete process.env["DEVKIT_TASK_ACTION"];
    expect(await asked()).toContainEqual("hook-commit-msg --action done <>");
  });

  test("do nothing where there are neither checks nor a task", async () => {
    gitHooks.install(repo.commonDir, false);
    await commit("--allow-empty", "-m", "x");
    expect(await asked()).toEqual([]);
    await change("devkit.toml", '[[check]]\nscope = "a"\nmessage = "b"\n');
    await commit("-m", "x");
    expect(await asked()).toEqual(["hook-pre-commit <devkit.toml,>"]);
  });

  test("leave an empty message empty, so that git gives up", async () => {
    await work();
    await set("hook-commit-msg.answer", "addIfDifferent Devkit-Verify: docs | a | b\n");
    await repo.git("config", "core.editor", "true");
    for (const args of [[], ["-v"]]) {
      await change("a", String(args));
      expect(await failed(commit(...args))).toContain("Aborting commit due to empty commit message");
    }
    expect(await message()).toBe("first\n");
  });

  test("keep what is in a message as it is: comments, dashes, other trailers", async () => {
    await work();
    await set("hook-commit-msg.answer", "addIfDifferent Devkit-Verify: docs | a=b: c | d\n");
    await commit("--allow-empty", "-m", "subject", "-m", "text\n---\nmore", "-m", "Signed-off-by: A <a@b>");
    expect(await message()).toBe(
      "subject\n\ntext\n---\nmore\n\nSigned-off-by: A <a@b>\nDevkit-Verify: docs | a=b: c | d\n",
    );
  });
});

describe("in the middle of something else devkit's hooks do nothing", () => {
  const DEVKIT = "Devkit-Verify: docs | a | b";

  beforeEach(async () => {
    await work();
    await set("hook-commit-msg.answer", `addIfDifferent ${DEVKIT}\n`);
    await repo.git("checkout", "-q", "-b", "side");
    for (const name of ["one", "two"]) {
      await change(name);
      await commit("-m", name);
    }
    await repo.git("checkout", "-q", "main");
    await change("main");
    await commit("--no-verify", "-m", "main");
    await asked();
  });

  test.each([
    ["rebase", ["rebase", "-q", "main", "side"]],
    ["cherry-pick", ["cherry-pick", "side~1", "side"]],
    ["cherry-pick with an editor", ["-c", "core.editor=true", "cherry-pick", "-e", "side"]],
    ["revert", ["revert", "--no-edit", "HEAD"]],
    ["merge", ["merge", "-q", "--no-edit", "side"]],
    [
      "squash in a rebase",
      [
        "-c",
        "sequence.editor=sed -i 2s/pick/squash/",
        "-c",
        "core.editor=true",
        "rebase",
        "-q",
        "-i",
        "main",
        "side",
      ],
    ],
    [
      "reword in a rebase",
      [
        "-c",
        "sequence.editor=sed -i 1s/pick/reword/",
        "-c",
        "core.editor=true",
        "rebase",
        "-q",
        "-i",
        "main",
        "side",
      ],
    ],
    ["pull", ["pull", "-q", "--rebase", ".", "side"]],
  ])("%s", async (_, args) => {
    await repo.git(...args);
    expect(await asked()).toEqual([]);
    expect(await repo.git("status", "--porcelain", "-uno")).toBe("");
  });

  test("concluding a merge by hand", async () => {
    await change("one", "mine");
    await commit("-m", "mine");
    await failed(repo.git("merge", "-q", "side"));
    await asked();
    await change("one", "both");
    await commit("--no-edit");
    expect(await asked()).toEqual([]);
  });

  test("amending is a commit as any other, and does not double what is there", async () => {
    await repo.git("checkout", "-q", "side");
    const before = await message();
    await commit("--amend", "--no-edit");
    expect(await message()).toBe(before);
    expect(before.match(/Devkit-Verify/g)).toHaveLength(1);
    expect((await asked()).map((line) => line.split(" ")[0])).toEqual([
      ...["hook-pre-commit", "hook-commit-msg", "hook-post-commit"],
    ]);
  });
});

describe("somebody else's hook", () => {
  const own = `#!/bin/sh\necho "$0 $*" >>"$(dirname "$0")/ran"\n`;
  const put = (name: string, text = own, mode = 0o755) =>
    writeFile(path.join(hooksDir(), name), text, { mode }).then(() =>
      chmod(path.join(hooksDir(), name), mode),
    );
  const ran = () => readFile(path.join(hooksDir(), "ran"), "utf8").catch(() => "");

  test("is kept, and run after devkit's", async () => {
    await rm(path.join(hooksDir(), "pre-commit"));
    await put("pre-commit");
    await put("commit-msg.local");
    expect(gitHooks.install(repo.commonDir, true)).toEqual([]);
    expect(gitHooks.install(repo.commonDir, true)).toEqual([]);
    await commit("--allow-empty", "-m", "x");
    expect((await ran()).split("\n")).toEqual([
      ".git/hooks/pre-commit.local ",
      ".git/hooks/commit-msg.local .git/COMMIT_EDITMSG",
      "",
    ]);
    await put("pre-commit.local", "#!/bin/sh\nexit 1\n");
    expect(await failed(commit("--allow-empty", "-m", "x"))).toBe("");
  });

  test("that is not executable is none, as git has it", async () => {
    await rm(path.join(hooksDir(), "pre-commit"));
    await put("pre-commit", own, 0o644);
    gitHooks.install(repo.commonDir, true);
    await commit("--allow-empty", "-m", "x");
    expect(await ran()).toBe("");
  });

  test("stays where it is when one is kept already, and is named", async () => {
    await put("pre-commit");
    await put("pre-commit.local", "#!/bin/sh\n");
    expect(gitHooks.install(repo.commonDir, true)).toEqual(["pre-commit"]);
    expect(await readFile(path.join(hooksDir(), "pre-commit"), "utf8")).toBe(own);
  });
});

describe("hooks in a git dir that an agent can write", () => {
  test("are never written through a link", async () => {
    const victim = await tempDir();
    await rm(hooksDir(), { recursive: true });
    await symlink(victim, hooksDir());
    const install = () => Promise.resolve().then(() => gitHooks.install(repo.commonDir, true));
    expect((await errorOf(install())).code).toBe("E_WORK_IN_THE_WAY");
    gitHooks.mark(repo.commonDir, true);
    expect(await readdir(victim)).toEqual([]);
    await rm(hooksDir());
    await mkdir(hooksDir());
    await symlink(path.join(victim, "x"), path.join(hooksDir(), "pre-commit"));
    await symlink(path.join(victim, "y"), path.join(hooksDir(), "devkit-checks"));
    gitHooks.install(repo.commonDir, false);
    expect(await readdir(victim)).toEqual([]);
    expect((await readdir(hooksDir())).sort()).toEqual([
      ...["commit-msg", "post-commit", "pre-commit", "pre-commit.local"],
    ]);
    expect((await stat(path.join(hooksDir(), "pre-commit"))).mode & 0o777).toBe(0o755);
  });

  test("get their mark only where devkit's are", async () => {
    const marks = async () => (await readdir(hooksDir())).filter((name) => name === "devkit-checks");
    gitHooks.mark(repo.commonDir, false);
    expect(await marks()).toEqual([]);
    gitHooks.mark(repo.commonDir, true);
    expect(await marks()).toEqual(["devkit-checks"]);
    await rm(hooksDir(), { recursive: true });
    gitHooks.mark(repo.commonDir, true);
    await mkdir(hooksDir());
    gitHooks.mark(repo.commonDir, true);
    expect(await marks()).toEqual([]);
  });
});
