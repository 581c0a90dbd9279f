import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { DevkitError } from "../../../../src/base/errors.js";
import type { InitializedWorktree } from "../../../../src/app/worktrees/init.js";
import { observePresentWorktrees } from "../../../../src/app/worktrees/observe.js";
import { createRepo, describeRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";
import { agentContainers } from "../../support/containers.js";
import { createRig, type Rig } from "../../support/worktrees.js";

let repo: Repo;
let rig: Rig;

beforeEach(async () => {
  repo = await createRepo({ at: "dev root/my räpo" });
  rig = await createRig(repo);
});

const changed = (all: readonly InitializedWorktree[]) => all.map(({ steps }) => steps.length > 0);
const errors = (all: readonly InitializedWorktree[]) => all.map(({ error }) => error?.code);
const devRoot = (index: number) => path.join(path.dirname(repo.root), `agent${String(index)}`, "my räpo");
const lines = async () => (await repo.git("worktree", "list", "--porcelain")).split("\n");

describe("worktrees without containers", () => {
  test("are locked, whole, each on a branch of its own that tracks nothing", async () => {
    await repo.git("config", "branch.autoSetupMerge", "always");
    const made = await rig.init(2);
    expect(made).toMatchObject([{ branch: "agent/agent-1/idle" }, { branch: "agent/agent-2/idle" }]);
    expect(await lines()).toContain("locked devkit agent-2");
    expect(await readFile(path.join(rig.at(2), "src/app.js"), "utf8")).toBe("1;\n");
    expect(await repo.git("config", "--get-regexp", "^branch\\.agent").catch(() => "none")).toBe("none");
    expect(await repo.git("status", "--porcelain")).toBe("");
    expect(rig.engine.containers.size).toBe(0);
  });

  test("again, and again with other options, change nothing at all", async () => {
    await rig.init(2);
    await writeFile(path.join(rig.at(1), "README.md"), "mine");
    await gitIn(rig.at(2), "switch", "-q", "-c", "feature");
    const first = await repo.git("rev-parse", "HEAD");
    await repo.commit("second");
    const before = await describeRepo(repo);
    const again = await rig.again().init(2, { layout: "dev-root", prefix: "agent", base: first });
    expect(changed(again)).toEqual([false, false]);
    expect(again[1]).toMatchObject({ branch: "feature", path: rig.at(2) });
    expect(await describeRepo(repo)).toBe(before);
    expect(await readFile(path.join(rig.at(1), "README.md"), "utf8")).toBe("mine");
  });

  test("stand beside the primary, on the branch and commit that were asked for", async () => {
    const first = await repo.git("rev-parse", "HEAD");
    await repo.git("branch", "release/1");
    await repo.commit("second");
    await rig.init(2, { layout: "dev-root", prefix: "agent", base: "release/1" });
    expect(rig.at(2)).toBe(devRoot(2));
    expect(await gitIn(devRoot(2), "branch", "--show-current")).toBe("agent2/release/1");
    expect(await gitIn(devRoot(2), "rev-parse", "HEAD")).toBe(first);
  });

  test("a branch that is there is taken as it is, and devkit says that it is not at the base", async () => {
    await repo.git("branch", "agent2/main");
    const before = await repo.git("rev-parse", "HEAD");
    await repo.commit("second");
    await rig.init(2, { prefix: "agent" });
    expect(await repo.git("rev-parse", "agent2/main")).toBe(before);
    expect(rig.progress.warnings).toEqual([expect.stringMatching(/^agent2\/main was there already/)]);
  });

  test("a dry run changes nothing and says what it would do", async () => {
    const before = await describeRepo(repo);
    const would = await rig.init(2, { dryRun: true, layout: "dev-root", prefix: "agent" });
    expect(would).toMatchObject([{ path: devRoot(1), branch: "agent1/main" }, { path: devRoot(2) }]);
    expect(changed(would)).toEqual([true, true]);
    expect(await describeRepo(repo)).toBe(before);
  });

  test("without an engine, too", async () => {
    rig.engine.listContainers = () => Promise.reject(new DevkitError("E_ENGINE_UNAVAILABLE", "none"));
    await rig.init(1);
    expect(await observePresentWorktrees(rig.deps)).toMatchObject([{ state: "ready", isAgent: false }]);
  });

  test("from a base that does not exist nothing begins", async () => {
    expect(await errorOf(rig.init(1, { base: "--nosuch" }))).toMatchObject({
      code: "E_NO_COMMIT",
      exitCode: 2,
    });
    expect(await lines()).toHaveLength(4);
  });
});

describe("what stands in the way is not touched", () => {
  test.each(["nested", "dev-root"] as const)(
    "%s: files, a clone and a pointer to elsewhere",
    async (layout) => {
      const parent = layout === "nested" ? path.join(repo.root, ".devkit/agents") : undefined;
      const at = (index: number) =>
        parent === undefined ? devRoot(index) : path.join(parent, `agent-${String(index)}`);
      await mkdir(at(1), { recursive: true });
      await writeFile(path.join(at(1), "precious"), "x");
      await mkdir(path.dirname(at(2)), { recursive: true });
      await repo.git("clone", "-q", repo.root, at(2));
      const made = await rig.init(3, { layout });
      expect(errors(made)).toEqual(["E_WORK_IN_THE_WAY", "E_WORK_IN_THE_WAY", undefined]);
      expect(await readFile(path.join(at(1), "precious"), "utf8")).toBe("x");
      expect(await gitIn(at(2), "status", "--porcelain")).toBe("");
      expect(errors(await rig.init(3, { layout, dryRun: true }))).toEqual(errors(made));
    },
  );

  test("a clone without files and a pointer to elsewhere beside the primary", async () => {
    await mkdir(path.dirname(devRoot(1)), { recursive: true });
    await repo.git("clone", "-q", "--no-checkout", repo.root, devRoot(1));
    await mkdir(devRoot(2), { recursive: true });
    await writeFile(path.join(devRoot(2), ".git"), "gitdir: /somebody/elses\n");
    expect(errors(await rig.init(2, { layout: "dev-root" }))).toEqual([
      "E_WORK_IN_THE_WAY",
      "E_WORK_IN_THE_WAY",
    ]);
    expect(await gitIn(devRoot(1), "rev-parse", "HEAD")).toBe(await repo.git("rev-parse", "HEAD"));
    expect(await readFile(path.join(devRoot(2), ".git"), "utf8")).toBe("gitdir: /somebody/elses\n");
  });

  test("a worktree made by hand in such a place, until it is handed over", async () => {
    await repo.git("worktree", "add", "-q", "-b", "agent2/main", devRoot(2));
    const [, refused] = await rig.init(2, { layout: "dev-root" });
    expect(refused?.error?.code).toBe("E_WORK_IN_THE_WAY");
    await repo.git("worktree", "lock", "--reason", "devkit agent-2", devRoot(2));
    const again = await rig.again().init(2, { layout: "dev-root" });
    expect(again[1]).toMatchObject({ branch: "agent2/main", steps: [], error: undefined });
  });
});

describe("a worktree that lost a part", () => {
  test("of its directory comes back on the branch it was on", async () => {
    await rig.init(1);
    await gitIn(rig.at(1), "switch", "-q", "-c", "feature");
    await gitIn(rig.at(1), "commit", "-q", "--allow-empty", "-m", "mine");
    await rm(rig.at(1), { recursive: true });
    expect(await rig.again().init(1)).toMatchObject([{ branch: "feature", error: undefined }]);
    expect(await gitIn(rig.at(1), "log", "-1", "--format=%s")).toBe("mine");
  });

  test("of its pointer or its index keeps every changed file", async () => {
    await rig.init(2);
    for (const index of [1, 2]) await writeFile(path.join(rig.at(index), "README.md"), "mine");
    await rm(path.join(rig.at(1), ".git"));
    await rm(path.join(repo.commonDir, "worktrees/agent-2/index"));
    await rm(path.join(rig.at(2), "src/app.js"));
    expect(errors(await rig.again().init(2))).toEqual([undefined, undefined]);
    for (const index of [1, 2]) {
      expect(await gitIn(rig.at(index), "status", "--porcelain")).toBe(" M README.md");
      expect(await readFile(path.join(rig.at(index), "README.md"), "utf8")).toBe("mine");
    }
  });

  test("that git has forgotten is registered again where it is, whatever the layout is now", async () => {
    await rig.init(1, { layout: "dev-root" });
    await writeFile(path.join(devRoot(1), "README.md"), "mine");
    await rm(path.join(repo.commonDir, "worktrees"), { recursive: true });
    const again = await rig.again().init(1, { layout: "nested" });
    expect(again).toMatchObject([{ path: devRoot(1), error: undefined }]);
    expect(await gitIn(devRoot(1), "status", "--porcelain")).toBe(" M README.md");
  });
});

describe("an agent moves in", () => {
  test("with the worktree's branch, commits, staged and changed files, under a branch of its own", async () => {
    await rig.init(2, { prefix: "agent" });
    const at = rig.at(2);
    await gitIn(at, "commit", "-q", "--allow-empty", "-m", "work");
    await writeFile(path.join(at, "staged"), "1");
    await gitIn(at, "add", "staged");
    await writeFile(path.join(at, "staged"), "2");
    await writeFile(path.join(at, "new"), "1");
    await rig.up(2, { branch_prefix: "agent", layout: "dev-root" });
    expect(rig.at(2)).toBe(at);
    expect(await gitIn(at, "branch", "--show-current")).toBe("agent/agent-2/main");
    expect(await gitIn(at, "log", "-1", "--format=%s")).toBe("work");
    expect(await gitIn(at, "status", "--porcelain")).toBe("AM staged\n?? new");
    expect(await repo.git("rev-parse", "agent2/main")).toBe(
      await repo.git("rev-parse", "agent/agent-2/main"),
    );
    const [before, after] = [await describeRepo(repo), await rig.again().init(2)];
    expect(after).toMatchObject([{ isAgent: true }, { isAgent: true, steps: [] }]);
    expect(await describeRepo(repo)).toBe(before);
  });

  test("where a branch of that name has other commits, under the next free one", async () => {
    await rig.init(1);
    await gitIn(rig.at(1), "switch", "-q", "--orphan", "fresh");
    await gitIn(rig.at(1), "commit", "-q", "--allow-empty", "-m", "fresh");
    await repo.git("branch", "agent/agent-1/fresh");
    await rig.up(1);
    expect(await gitIn(rig.at(1), "branch", "--show-current")).toBe("agent/agent-1/fresh-2");
  });

  test("not while git is in the middle of something there", async () => {
    await rig.init(1);
    await writeFile(path.join(rig.at(1), "README.md"), "theirs");
    await gitIn(rig.at(1), "commit", "-q", "-a", "-m", "theirs");
    await repo.write("README.md", "ours");
    await repo.commit("ours");
    await gitIn(rig.at(1), "merge", "main").catch(() => "a conflict");
    expect(await errorOf(rig.up(1))).toMatchObject({ code: "E_WORK_IN_THE_WAY" });
    expect(await gitIn(rig.at(1), "status", "--porcelain")).toBe("UU README.md");
  });
});

test("agents keep their places when the layout changes, and new ones follow it", async () => {
  await rig.up(1);
  const nested = rig.at(1);
  const next = rig.again();
  await next.up(2, { layout: "dev-root" });
  expect([next.at(1), next.at(2)]).toEqual([nested, devRoot(2)]);
  const back = rig.again();
  await back.up(3, { layout: "nested" });
  expect([back.at(1), back.at(2)]).toEqual([nested, devRoot(2)]);
  expect(back.at(3)).toBe(path.join(path.dirname(nested), "agent-3"));
  expect(agentContainers(rig.engine)).toHaveLength(3);
});
