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

  test("an embedded repository never gets into the host's index, where `git status` would run its settings", async () => {
    await box.inside(
      1,
      `mkdir sub; cd sub; git init -q; git commit -q --allow-empty -m x; git config core.fsmonitor '${box.trap}'
       cd ..; git add sub; git commit -qm link`,
    );
    await within(box, "agent", "list");
    await box.git("-C", box.worktree, "status");
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

  test("leaves nothing behind when it is garbage", async () => {
    await box.inside(1, "git commit -q --allow-empty -m mine");
    const header =
      "# v2 git bundle\\n$(git.real -C /workspace rev-parse HEAD) refs/heads/agent/agent-1/idle\\n\\n";
    for (const garbage of [
      "true",
      "head -c 100000 /dev/urandom",
      `printf "${header}PACK"; head -c 9999 /dev/zero`,
    ]) {
      await box.answerBundle(1, garbage);
      expect((await within(box, "agent", "sync", "1")).exitCode).toBe(1);
    }
    const packs = await execa("ls", ["-A", path.join(box.repo, ".git/objects/pack")]);
    expect(packs.stdout).not.toMatch(/tmp_pack|promisor/);
  });
});

describe("the agent's refs", () => {
  /** The other agent's news has to come home, and devkit has to end well, whatever the first did to its refs. */
  const survive = async (script: string) => {
    await box.inside(1, script);
    await box.inside(2, "git commit -q --allow-empty -m honest");
    const sought = (await box.inside(2, "git rev-parse HEAD")).stdout;
    const listed = await within(box, "agent", "list");
    expect(listed.exitCode).toBe(0);
    expect(await box.git("rev-parse", "agent/agent-2/idle")).toBe(sought);
    before = await protectedRefs();
    return listed;
  };

  test("links, pipes, directories and sizes in place of them keep nobody else from being listed", async () => {
    for (const swap of [
      "rm -rf refs/heads; ln -s / refs/heads",
      "rm -rf refs/heads; ln -s /proc refs/heads",
      "rm -rf refs/heads; mkdir -p refs/heads; mkfifo refs/heads/x packed-fifo; mv -f packed-fifo packed-refs",
      "rm -f HEAD; ln -s /etc/hostname HEAD",
      "rm -f HEAD; mkfifo HEAD",
      "rm -f HEAD; mkdir HEAD",
      "rm -rf HEAD; truncate -s 100G HEAD",
      "rm -rf /devkit/git/*",
    ]) {
      expect((await survive(`cd /devkit/git; ${swap}`)).stdout).toMatch(/agent-1 .* failed /);
    }
  });

  test("names chosen to clash do not keep the host busy", async () => {
    await survive(
      `oid=$(git rev-parse HEAD); cd /devkit/git
       for i in {0..1023}; do n=; for b in {0..9}; do s=-; ((i >> b & 1)) && s=/; n+=\${s}x; done; echo "$oid refs/heads/x/x$n"; done >packed-refs
       echo "$oid refs/heads/agent/agent-1/idle" >>packed-refs; echo "$oid refs/heads/agent/agent-1/x" >>packed-refs`,
    );
  });

  test.each([
    [
      "a name that devkit does not take",
      "git update-ref refs/heads/feature/-x HEAD; git symbolic-ref HEAD refs/heads/feature/-x",
    ],
    [
      "a packed-refs of more than 16 MB",
      `oid=$(git rev-parse HEAD); seq -f "$oid refs/tags/some-long-name-of-a-release-%09g" 250000 >>/devkit/git/packed-refs; git switch -q -c feature`,
    ],
    ["a name that is not UTF-8", `n=$(printf 'lat\\xe9'); git switch -q -c "$n"`],
  ])("a commit is brought home or named, never passed over: %s", async (name, make) => {
    const pack = name.startsWith("a packed-refs") ? "git pack-refs --all" : "true";
    await box.inside(
      1,
      `${make}; git commit -q --allow-empty -m honest; ${pack}; git switch -q agent/agent-1/idle`,
    );
    const synced = await within(box, "agent", "sync", "1");
    const subjects = await box.git("log", "--all", "--format=%s");
    expect(synced.exitCode !== 0 || subjects.includes("honest")).toBe(true);
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

  test("a branch the user has checked out in the primary does not move under their files", async () => {
    await box.inside(
      1,
      "git switch -q -c feature; echo 1 >f.txt; git add .; git commit -qm f1; git switch -q -",
    );
    await within(box, "agent", "sync", "1");
    await box.git("switch", "-q", "agent/agent-1/feature");
    await box.inside(1, "git switch -q feature; echo 2 >f.txt; git commit -qam f2");
    await within(box, "agent", "sync", "1");
    expect(await box.git("status", "--porcelain")).toBe("");
  });

  test("what an agent has borrowed outlives the host's branches, tags and garbage collection", async () => {
    const lent = await createAttack(1, { files: { "a.txt": "a\n" } });
    try {
      await lent.devkit("agent", "down");
      const tip = await lent.git("commit-tree", "-p", "HEAD", "-m", "feature", "HEAD^{tree}");
      await lent.git("update-ref", "refs/remotes/origin/feature", tip);
      await lent.devkit("agent", "up", "2");
      await lent.inside(2, "git switch -q -c mine origin/feature; git commit -q --allow-empty -m work");
      await lent.git("update-ref", "-d", "refs/remotes/origin/feature");
      await lent.git("gc", "-q", "--prune=now");
      expect((await lent.inside(2, "git log -2 --format=%s mine")).stdout).toBe("work\nfeature");
      expect((await within(lent, "agent", "sync")).exitCode).toBe(0);
    } finally {
      await lent.remove();
    }
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
