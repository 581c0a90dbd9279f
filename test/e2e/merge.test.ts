import { execa } from "execa";
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runBytes } from "../support/live-process.js";
import { expectFailure } from "../support/refusals.js";
import { createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";

/** Enough files that writing them takes long enough to be cut off. */
const COUNT = 1500;
const FILES = Object.fromEntries(
  Array.from({ length: COUNT }, (_, i) => [`d${String(i % 30)}/f${String(i)}`, `${String(i)}\n`]),
);
const ROUNDS = Number(process.env["DEVKIT_CRASH_ROUNDS"] ?? 8);

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox({ files: { ...FILES, "README.md": "# demo\n", "mine.txt": "committed\n" } });
  await box.setIdentity();
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
});

afterAll(() => box.remove());

const inside = async (agent: number, script: string) => {
  expect(await box.devkit("exec", String(agent), "--", "sh", "-ec", script)).toMatchObject({ exitCode: 0 });
};
const commit = (agent: number, file: string, text: string) =>
  inside(agent, `printf '%s' '${text}' >'${file}'; git add -A; git commit -qm '${file}'`);
const rev = (ref: string) => box.git("rev-parse", ref);

describe("agent diff, conflicts and merge", () => {
  test("what an agent did, committed or not, is a patch that git takes", async () => {
    await commit(1, "one.txt", "one");
    await inside(
      1,
      `head -c 3000 /dev/urandom >bin; printf 'caf\\351\\n' >latin; git add .; git commit -qm binary`,
    );
    await inside(1, "echo more >>README.md; echo new >untracked.txt; git mv d1/f1 moved");
    const { exitCode, stdout, stderr } = await runBytes(box, ["agent", "diff", "1"]);
    expect([exitCode, stderr.toString()]).toEqual([0, expect.stringContaining("untracked.txt")]);
    const copy = path.join(box.dir, "copy");
    await box.git("worktree", "add", "-q", "--detach", copy, "main");
    await execa("git", ["apply"], { cwd: copy, env: box.env, input: stdout });
    const worktree = path.join(box.repo, ".devkit/agents/agent-1");
    for (const file of ["one.txt", "bin", "latin", "README.md"]) {
      const [a, b] = await Promise.all([copy, worktree].map((root) => readFile(path.join(root, file))));
      expect([file, a?.equals(b ?? Buffer.alloc(0))]).toEqual([file, true]);
    }
    await box.git("worktree", "remove", "--force", copy);
    const document = await box.json("agent", "diff", "1");
    expect(document.data).toMatchObject({
      agents: [
        { commits: [{ subject: "one.txt" }, { subject: "binary" }], untracked: ["moved", "untracked.txt"] },
      ],
    });
    await inside(1, "git reset -q --hard; git clean -fdq");
  });

  test("conflicts are found without merging anything; then one merges and the other is refused", async () => {
    await commit(1, "README.md", "one\n");
    await commit(2, "README.md", "two\n");
    await writeFile(path.join(box.repo, "mine.txt"), "local\n");
    const refs = async () => box.git("for-each-ref", "refs/heads/main");
    const [before, objects] = [await refs(), await box.git("count-objects")];
    await box.devkit("agent", "sync");
    const conflicts = await box.devkit("agent", "conflicts");
    expect(conflicts).toMatchObject({ exitCode: 0 });
    expect(conflicts.stdout).toContain("agent-1 and agent-2\n  README.md  contents");
    expect(await box.devkit("agent", "conflicts", "--check")).toMatchObject({ exitCode: 1 });
    expect(await refs()).toBe(before);
    expect(objects).not.toBe("");
    expect(await box.devkit("agent", "merge", "1")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^agent-1 merged into main as a fast-forward: 3 commits, 4 files/,
      ) as string,
    });
    const merged = await rev("main");
    expectFailure(await box.devkit("agent", "merge", "2"), 1, /README\.md/, /devkit exec 2 -- git merge/);
    expect([await rev("main"), await box.git("status", "--porcelain")]).toEqual([merged, " M mine.txt"]);
    // The agent can resolve it against the commit the hint names, though it has no branch of the host's.
    await inside(
      2,
      `git merge -q ${merged.slice(0, 12)} || true; echo both >README.md; git commit -qam resolved`,
    );
    expect(await box.devkit("agent", "merge", "2")).toMatchObject({ exitCode: 0 });
    expect(await box.devkit("agent", "merge", "2")).toMatchObject({
      exitCode: 0,
      stdout: "Nothing to merge: main has everything agent-2 committed.",
    });
    expect(await box.devkit("agent", "merge", "1")).toMatchObject({ exitCode: 0 });
  });

  test("what was merged with --squash is no loss for agent kill, and what came after is", async () => {
    expect(await box.devkit("agent", "kill", "2", "--force")).toMatchObject({ exitCode: 0 });
    expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
    await commit(2, "squashed.txt", "as one\n");
    await commit(2, "squashed too.txt", "with the other\n");
    expect(await box.devkit("agent", "merge", "2", "--squash")).toMatchObject({ exitCode: 0 });
    await commit(2, "later.txt", "after the merge\n");
    expectFailure(await box.devkit("agent", "kill", "2"), 5, /3 commits/, /--force/);
    await inside(2, "git reset -q --hard HEAD~");
    expect(await box.devkit("agent", "kill", "2")).toMatchObject({ exitCode: 0 });
  });
});

test(
  `kill -9 at ${String(ROUNDS)} moments of a merge: the primary is whole, the next one converges, local changes stay`,
  { timeout: 300_000 },
  async () => {
    await box.git("checkout", "-q", "-f", "main");
    const start = await rev("main");
    await inside(
      1,
      `git merge -q --ff-only ${start}; for f in d*/f*; do echo new >>$f; done; mkdir n; seq 200 | split -l1 - n/`,
    );
    await inside(1, "rm -r d3; git add -A; git commit -qm many");
    await box.devkit("agent", "sync");
    await writeFile(path.join(box.repo, "mine.txt"), "local\n");
    await writeFile(path.join(box.repo, "note.txt"), "untracked\n");
    const run = () =>
      execa(process.execPath, [PROGRAM, "agent", "merge", "1"], {
        cwd: box.repo,
        env: box.env,
        extendEnv: false,
        reject: false,
        detached: true,
      });
    const began = performance.now();
    expect((await run()).exitCode).toBe(0);
    const whole = performance.now() - began;
    const end = await rev("main");
    let cut = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await box.git("reset", "-q", "--keep", start);
      const running = run();
      // The later half is where files are written; with its group, git dies in the middle of its work too.
      const after = whole * (0.5 + (0.5 * (round + Math.random())) / ROUNDS);
      const kill = setTimeout(() => process.kill(-(running.pid ?? 0), "SIGKILL"), after);
      await running;
      clearTimeout(kill);
      if ((await readdir(path.join(box.repo, ".devkit"))).includes("merge.json")) cut += 1;
      const { exitCode, stderr } = await box.devkit("agent", "merge", "1");
      expect(exitCode, `round ${String(round)}: ${stderr}`).toBe(0);
      expect(await rev("main")).toBe(end);
      expect(await box.git("status", "--porcelain", "-uall")).toBe(" M mine.txt\n?? note.txt");
      expect(await readFile(path.join(box.repo, "mine.txt"), "utf8")).toBe("local\n");
      expect(await readdir(path.join(box.repo, ".devkit"))).not.toContain("merge.json");
      expect(await box.git("for-each-ref", "refs/devkit/merge")).toBe("");
    }
    expect(cut, "no kill met a merge that wrote files").toBeGreaterThan(0);
    expect(await box.git("fsck", "--no-dangling")).toBe("");
  },
);
