import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { locateProject } from "../../../../src/adapters/git/locate-project.js";
import { createRepo, gitIn } from "../../support/repo.js";
import { errorOf, tempDir } from "../../support/temp.js";

afterEach(() => {
  for (const name of ["GIT_DIR", "GIT_WORK_TREE", "GIT_CEILING_DIRECTORIES"]) {
    Reflect.deleteProperty(process.env, name);
  }
});

const whereIs = ({ root, commonDir }: { root: string; commonDir: string }) => ({ root, commonDir });

describe("the project is found", () => {
  test("from its main worktree, from below it, and from inside its git dir", async () => {
    const repo = await createRepo();
    for (const place of [".", "src", ".git", ".git/refs"]) {
      expect(await locateProject(path.join(repo.root, place))).toEqual(whereIs(repo));
    }
  });

  test.each(["with space", "größe 日本", `qu"ote's $x`, "a:b,c=d", "-dash", "{a,b}", "back\\slash"])(
    "in a directory called %s",
    async (name) => {
      const repo = await createRepo({ at: name });
      expect(await locateProject(path.join(repo.root, "src"))).toEqual(whereIs(repo));
    },
  );

  test("through a link, at its real path", async () => {
    const repo = await createRepo();
    const link = path.join(await tempDir(), "link");
    await symlink(repo.root, link);
    expect(await locateProject(link)).toEqual(whereIs(repo));
  });

  test("from a linked worktree of the user's own, wherever that is", async () => {
    const repo = await createRepo();
    const inside = path.join(repo.root, ".worktrees", "mine");
    const outside = path.join(await tempDir(), "mine");
    await repo.git("worktree", "add", "-q", "-b", "one", inside);
    await repo.git("worktree", "add", "-q", "-b", "two", outside);
    await mkdir(path.join(outside, "deep"));
    for (const place of [inside, outside, path.join(outside, "deep")]) {
      expect(await locateProject(place)).toEqual(whereIs(repo));
    }
  });

  test("whatever GIT_DIR the caller has", async () => {
    const [repo, other] = [await createRepo(), await createRepo({ at: "other" })];
    process.env["GIT_DIR"] = other.commonDir;
    process.env["GIT_WORK_TREE"] = other.root;
    expect(await locateProject(repo.root)).toEqual(whereIs(repo));
  });

  test("without a commit, and with SHA-256", async () => {
    const repo = await createRepo({ init: ["--object-format=sha256"], files: {} });
    expect(await locateProject(repo.root)).toEqual(whereIs(repo));
  });

  test("with its git dir elsewhere, from all of its directories", async () => {
    const gitDir = path.join(await tempDir(), "elsewhere.git");
    const repo = await createRepo({ init: ["--separate-git-dir", gitDir] });
    for (const place of [".", "src"]) {
      expect(await locateProject(path.join(repo.root, place))).toEqual({
        root: repo.root,
        commonDir: gitDir,
      });
    }
  });

  test("as a submodule: the project is the submodule", async () => {
    const [outer, library] = [await createRepo(), await createRepo({ at: "library" })];
    await outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", library.root, "lib");
    const lib = path.join(outer.root, "lib");
    expect(await locateProject(path.join(lib, "src"))).toEqual({
      root: lib,
      commonDir: path.join(outer.commonDir, "modules/lib"),
    });
    const linked = path.join(await tempDir(), "linked");
    await gitIn(lib, "worktree", "add", "-q", "-b", "mine", linked);
    expect((await locateProject(linked)).root).toBe(lib);
  });
});

describe("one project has one primary", () => {
  test("with its git dir elsewhere, a linked worktree is never taken for it", async () => {
    const gitDir = path.join(await tempDir(), "elsewhere.git");
    const repo = await createRepo({ init: ["--separate-git-dir", gitDir] });
    const linked = path.join(await tempDir(), "linked");
    await repo.git("worktree", "add", "-q", "-b", "mine", linked);
    // Either found or refused: another answer would make a second set of agents of the same names.
    const root = await locateProject(linked).then(
      (found) => found.root,
      () => repo.root,
    );
    expect(root).toBe(repo.root);
  });
});

describe("no project", () => {
  test("where there is no repository: the hint makes one", async () => {
    const dir = await tempDir();
    process.env["GIT_CEILING_DIRECTORIES"] = path.dirname(dir);
    const error = await errorOf(locateProject(dir));
    expect(error).toMatchObject({ code: "E_NOT_A_REPOSITORY", exitCode: 2 });
    expect(error.message).toBe(`${dir} is not inside a git repository`);
    expect(error.hint).toContain("git init");
  });

  test("where there is nothing", async () => {
    const error = await errorOf(locateProject("/no/such/place"));
    expect(error).toMatchObject({ code: "E_NOT_A_REPOSITORY", message: "/no/such/place does not exist" });
    expect(error.hint).toContain("-C");
  });

  test("at a file", async () => {
    const repo = await createRepo();
    const error = await errorOf(locateProject(path.join(repo.root, "README.md")));
    expect(error.exitCode).toBe(2);
  });

  test("in a repository with a broken .git file", async () => {
    const dir = await tempDir();
    await writeFile(path.join(dir, ".git"), "gitdir: /nowhere\n");
    expect((await errorOf(locateProject(dir))).code).toBe("E_NOT_A_REPOSITORY");
  });
});

describe("a bare repository is refused, and the hint makes a worktree", () => {
  const refusal = async (place: string) => {
    const error = await errorOf(locateProject(place));
    expect(error).toMatchObject({ code: "E_BARE_REPOSITORY", exitCode: 2 });
    expect(error.hint).toContain("git clone");
  };

  test("itself", async () => {
    const dir = path.join(await tempDir(), "demo.git");
    await mkdir(dir);
    await gitIn(dir, "init", "-q", "--bare");
    await refusal(dir);
    await refusal(path.join(dir, "refs"));
  });

  test("with linked worktrees, from one of them", async () => {
    const repo = await createRepo();
    const dir = path.dirname(repo.root);
    await gitIn(dir, "clone", "-q", "--bare", repo.root, "demo.git");
    await gitIn(path.join(dir, "demo.git"), "worktree", "add", "-q", path.join(dir, "main"), "main");
    await refusal(path.join(dir, "main"));
  });

  test("that is called .git beside its worktrees, from one of them and from beside", async () => {
    const repo = await createRepo();
    const dir = path.join(path.dirname(repo.root), "project");
    await mkdir(dir);
    await gitIn(dir, "clone", "-q", "--bare", repo.root, ".git");
    await gitIn(dir, "worktree", "add", "-q", path.join(dir, "main"), "main");
    await refusal(path.join(dir, "main"));
    await refusal(path.join(dir, ".git"));
    await refusal(dir);
  });
});

describe("an agent's worktree is not the project", () => {
  test("nor any directory in it; the hint leads out", async () => {
    const repo = await createRepo();
    const worktree = path.join(repo.root, ".devkit/agents/agent-1");
    await repo.git("worktree", "add", "-q", "-b", "agent/agent-1/idle", worktree);
    for (const place of [worktree, path.join(worktree, "src")]) {
      const error = await errorOf(locateProject(place));
      expect(error).toMatchObject({ code: "E_INSIDE_AGENT", exitCode: 2 });
      expect(error.message).toContain("agent-1");
      expect(error.hint).toContain(`cd ${repo.root}`);
    }
  });

  test("nor is a repository that an agent made in it: the host's git does not look into that", async () => {
    const repo = await createRepo();
    const nested = path.join(repo.root, ".devkit/agents/agent-1/nested");
    await mkdir(nested, { recursive: true });
    await gitIn(nested, "init", "-q");
    expect((await errorOf(locateProject(nested))).code).toBe("E_INSIDE_AGENT");
  });

  test("but the directory of all agents is in the project", async () => {
    const repo = await createRepo();
    await mkdir(path.join(repo.root, ".devkit/agents"), { recursive: true });
    await mkdir(path.join(repo.root, ".devkit/agents-old"), { recursive: true });
    expect((await locateProject(path.join(repo.root, ".devkit/agents"))).root).toBe(repo.root);
    expect((await locateProject(path.join(repo.root, ".devkit/agents-old"))).root).toBe(repo.root);
  });
});
