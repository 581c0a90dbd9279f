import { execa } from "execa";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAttack, within, type Attack } from "./hostile-agent.js";

/** Two agents; the first is hostile, the second is anybody's. */
let box: Attack;
/** Everything an agent must not move: main, tags, the other agent's branches. */
let before: string;

const protectedRefs = () =>
  box.git("for-each-ref", "refs/heads/main", "refs/tags", "refs/heads/agent/agent-2");

beforeEach(async () => {
  box = await createAttack(2);
  await box.git("tag", "v1");
  before = await protectedRefs();
});

afterEach(async () => {
  try {
    expect(await box.sprung()).toBe(false);
    expect(await protectedRefs()).toBe(before);
    expect(
      (
        await execa("git", ["-C", box.repo, "fsck", "--no-dangling"], {
          env: box.env,
          all: true,
          reject: false,
        })
      ).all,
    ).toBe("");
  } finally {
    await box.remove();
  }
});

/** What one host-side day looks like. */
async function useHost(): Promise<void> {
  for (const args of [["list"], ["status"], ["sync"], ["down"], ["up", "2"]])
    await within(box, "agent", ...args);
  await box.git("status");
  await box.git("-C", box.worktree, "status", "--ignore-submodules=all");
  await box.git("log", "--oneline", "--all");
  await box.git("commit", "-q", "--allow-empty", "-m", "the host's");
  await box.git("reset", "-q", "--hard", "HEAD~1");
}

/** Settings of git that name a program, as an agent would write them. */
const programSettings = (trap: string) =>
  [
    `[core]\n\tfsmonitor = ${trap}\n\thooksPath = hooks\n\tsshCommand = ${trap}\n\tpager = ${trap}`,
    `[alias]\n\tstatus = "!${trap}"\n[uploadpack]\n\tpackObjectsHook = ${trap}`,
    `[filter "x"]\n\tclean = ${trap}\n\tsmudge = ${trap}\n[include]\n\tpath = /workspace/more-config\n`,
  ].join("\n");

describe("code on the host", () => {
  test("hooks, settings, alternates and attributes of the private git dir run nothing", async () => {
    const settings = programSettings(box.trap);
    const hooks =
      "applypatch-msg post-checkout post-commit post-index-change pre-commit reference-transaction update";
    const script = `cd /devkit/git; cat >>config; mkdir -p hooks
      for name in ${hooks}; do printf '#!/bin/sh\\n${box.trap}\\n' >hooks/$name; chmod +x hooks/$name; done
      printf '%s\\n' ${path.join(box.dir, "elsewhere")} >>objects/info/alternates; echo . >commondir; cp config config.worktree
      echo '* filter=x' >/workspace/.gitattributes; cp config /workspace/more-config; cp config ~/.gitconfig
      cp -r hooks /workspace/hooks`;
    await box.devkitWith({ input: settings, stdin: "pipe" }, "exec", "1", "--", "bash", "-c", script);
    await useHost();
  });

  test("the same settings in a git dir that an agent can write do run: the canary works", async () => {
    await writeFile(path.join(box.repo, ".git/config"), programSettings(box.trap), { flag: "a" });
    await box.git("status");
    expect(await box.sprung()).toBe(true);
    await execa("rm", [path.join(box.dir, "CANARY")]);
    await box.git("config", "core.fsmonitor", "false");
  });

  test(".git of the worktree cannot be replaced, moved or linked, and the shared git dir is not there", async () => {
    const { stdout } = await box.inside(
      1,
      `for d in /workspace ${box.worktree}; do cd $d
        echo x >.git && echo wrote; mv .git g && echo moved; rm -f .git && echo removed; ln .git h && echo linked
        umount .git && echo unmounted; done
        mv ${box.worktree} /tmp/w && echo "moved worktree"; mv ~ /home/x && echo "moved home"; touch ${box.repo}/.git/objects/x && echo "wrote objects"
        cat ${box.repo}/.git/config ${box.repo}/.git/HEAD; true`,
    );
    expect(stdout).toBe("");
    expect(await box.git("-C", box.worktree, "rev-parse", "--git-common-dir")).toBe(
      path.join(box.repo, ".git"),
    );
  });

  test("devkit refuses to run in a repository that an agent made in its worktree", async () => {
    await box.inside(
      1,
      `mkdir tool; cd tool; git init -q; echo '* filter=x' >.gitattributes; git add .; git commit -qm x
       git config filter.x.smudge '${box.trap}'; git config filter.x.clean '${box.trap}'`,
    );
    const cwd = path.join(box.worktree, "tool");
    const up = await box.devkitWith({ cwd }, "--json", "agent", "up", "1");
    expect(JSON.parse(up.stdout)).toMatchObject({ ok: false, error: { code: "E_INSIDE_AGENT" } });
  });
});

describe("what an agent sends", () => {
  test("is taken as a bundle only: it cannot name another repository of the host", async () => {
    const other = path.join(box.dir, "other");
    await mkdir(other);
    await box.git("init", "-q", "-b", "main", other);
    await writeFile(path.join(other, "secret.txt"), "top secret\n");
    await box.git("-C", other, "add", ".");
    await box.git("-C", other, "commit", "-q", "-m", "secret");
    const secret = await box.git("-C", other, "rev-parse", "HEAD");
    await box.inside(1, "git branch main; git switch -q main; git commit -q --allow-empty -m x");
    await box.answerBundle(1, `echo 'gitdir: ${other}/.git'`);
    await within(box, "agent", "list");
    const found = await box.inside(1, `git.real cat-file -e ${secret} && echo readable`);
    expect(found.stdout).toBe("");
  });

  test("is checked object by object", async () => {
    await box.inside(
      1,
      `blob=$(echo evil | git hash-object -w --stdin); bytes=$(sed 's/../\\\\x&/g' <<<$blob)
       printf "100644 .git\\0$bytes" >/tmp/tree; tree=$(git hash-object -w -t tree --literally /tmp/tree)
       git update-ref refs/heads/bad $(git commit-tree -p HEAD -m bad $tree)`,
    );
    expect((await within(box, "agent", "sync", "1")).exitCode).not.toBe(0);
    expect(await box.git("for-each-ref", "refs/heads/agent/agent-1/bad")).toBe("");
  });

  test("moves no branch to a commit whose files it left out, however often it is asked", async () => {
    await box.inside(1, "echo new >n.txt; git add .; git commit -qm c");
    const oid = (await box.inside(1, "git rev-parse HEAD")).stdout;
    await box.answerBundle(
      1,
      `printf '# v2 git bundle\\n${oid} refs/heads/agent/agent-1/idle\\n\\n'
       echo ${oid} | git.real --git-dir=/devkit/git pack-objects --stdout -q`,
    );
    for (const _ of [1, 2]) expect((await within(box, "agent", "sync", "1")).exitCode).not.toBe(0);
    await box.git("gc", "-q", "--prune=now");
  });

  test("moves nothing but the agent's own branches, whatever the bundle says it holds", async () => {
    await box.inside(1, "git commit -q --allow-empty -m mine");
    const oid = (await box.inside(1, "git rev-parse HEAD")).stdout;
    const claims = ["heads/main", "tags/v1", "heads/agent/agent-2/idle", "heads/agent/agent-1/idle"];
    const lines = claims.map((ref) => `${oid} refs/${ref}\\n`).join("");
    await box.answerBundle(
      1,
      `printf '# v2 git bundle\\n${lines}\\n'; echo ${oid} | git.real --git-dir=/devkit/git pack-objects --revs --stdout -q`,
    );
    expect((await within(box, "agent", "sync", "1")).exitCode).toBe(0);
    expect(await box.git("rev-parse", "agent/agent-1/idle")).toBe(oid);
  });
});

describe("the host's work", () => {
  test("a commit made on the host in the worktree stays, also where git is told not to look for forced updates", async () => {
    await box.git("config", "fetch.showForcedUpdates", "false");
    await box.git("-C", box.worktree, "commit", "-q", "--allow-empty", "-m", "the host's");
    const mine = await box.git("rev-parse", "agent/agent-1/idle");
    await box.inside(1, "git commit -q --allow-empty -m theirs");
    expect((await within(box, "agent", "sync", "1")).exitCode).toBe(5);
    expect(await box.git("rev-parse", "agent/agent-1/idle")).toBe(mine);
  });
});

test("a git of the host that is killed is a failure, not an empty answer", async () => {
  const bin = path.join(box.dir, "bin");
  await mkdir(bin);
  const killed =
    '#!/bin/sh\ncase "$*" in *"reset --hard"*) kill -9 $$ ;; esac\nPATH=${PATH#*:} exec git "$@"\n';
  await writeFile(path.join(bin, "git"), killed, { mode: 0o755 });
  const env = { ...box.env, PATH: `${bin}:${box.env["PATH"] ?? ""}` };
  expect((await box.devkitWith({ env }, "agent", "up", "3")).exitCode).not.toBe(0);
  expect((await within(box, "agent", "up", "3")).exitCode).toBe(0);
  expect((await box.inside(3, "git status --porcelain")).stdout).toBe("");
});
