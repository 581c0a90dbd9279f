import { randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { giveToOtherUser, type OtherUser } from "../support/other-user.js";
import { expectFailure } from "../support/refusals.js";
import { agentsOf, createSandbox, type Sandbox } from "../support/sandbox.js";
import { canMount, mountVolume, type Volume } from "../support/volumes.js";

const MIB = 1024 ** 2;

describe("for a user who is not root", () => {
  let box: Sandbox;
  let user: OtherUser;

  beforeAll(async () => {
    box = await createSandbox();
    await box.setIdentity();
    user = await giveToOtherUser(box);
    expect(await user.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
  });

  afterAll(async () => {
    await box.remove();
    await user.remove();
  });

  const inside = (agent: number, script: string) =>
    user.devkit("exec", String(agent), "--", "bash", "-c", script);
  const said = async (script: string) => {
    const result = await inside(1, script);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    return result.stdout;
  };
  const agentState = () => path.join(box.dir, "home/.local/state/devkit");

  test("every file is theirs, also those made inside and those a sync brings", async () => {
    const work =
      "mkdir -p sub ~/deep/er && echo f >sub/f && echo h >~/deep/er/h && git add . && git commit -qm work";
    expect(await inside(1, `umask 022; ${work}; echo loose >loose`)).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
    expect(await user.devkit("agent", "list")).toMatchObject({ exitCode: 0, stderr: "" });
    const log = await user.run("git", "log", "-1", "--format=%s", "agent/agent-1/idle");
    expect(log).toEqual({ exitCode: 0, stdout: "work", stderr: "" });
    const flags = ["(", "!", "-uid", String(user.uid), "-o", "!", "-gid", String(user.gid), ")"];
    const { stdout } = await execa("find", [box.dir, ...flags]);
    expect(stdout).toBe("");
    // The search went where it was meant to.
    const places = [box.repo, path.join(box.repo, ".devkit/agents/agent-1/sub/f"), agentState()];
    for (const place of places) expect(await stat(place)).toMatchObject({ uid: user.uid });
  });

  test("what is private on the host is closed to others", async () => {
    const { stdout } = await execa("find", [
      agentState(),
      "-maxdepth",
      "3",
      "-name",
      "agent-*",
      "-printf",
      "%m\n",
    ]);
    expect(stdout).toBe("700\n700");
    const all = await execa("find", [agentState(), "-mindepth", "1", "-maxdepth", "1", "-printf", "%m\n"]);
    for (const mode of all.stdout.split("\n")) expect(mode).toMatch(/^[67]00$/);
  });

  test("git, ssh-keygen, whoami and node know who they are", async () => {
    const identity = {
      uid: user.uid,
      gid: user.gid,
      username: "agent",
      homedir: "/home/agent",
      shell: "/bin/bash",
    };
    expect(await said("git status --porcelain --branch | head -1")).toBe("## agent/agent-1/idle");
    expect(await said("git -C /workspace/src log -1 --format=%an")).toBe("Tess Ter");
    expect(await said("whoami; id -un; id -gn; echo ~")).toBe("agent\nagent\nagent\n/home/agent");
    expect(JSON.parse(await said('node -p "JSON.stringify(os.userInfo())"'))).toEqual(identity);
    const keys =
      "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id && stat -c %a ~/.ssh ~/.ssh/id && ssh -T -G host | grep -c /home/agent";
    expect(await said(keys)).toMatch(/^700\n600\n[1-9]\d*$/);
  });

  test("/tmp can be written and run from, and so can HOME and the worktree", async () => {
    const script =
      "for d in /tmp ~ /workspace; do printf '#!/bin/sh\\necho ran' >$d/s && chmod +x $d/s && $d/s && rm $d/s; done";
    expect(await said(script)).toBe("ran\nran\nran");
    expect(await said("stat -c '%a %F' /tmp && df --output=fstype /tmp | tail -1")).toBe(
      "1777 directory\ntmpfs",
    );
  });

  test("a network with its egress and nothing else, no capabilities, no way to get more", async () => {
    expect(await said("ls /sys/class/net")).toBe("eth0\nlo");
    expect(await said("curl -sS -m 5 https://nowhere.example 2>&1 | tail -1")).toContain("403");
    expect(await inside(1, "curl -sS -m 5 --noproxy '*' https://192.0.2.1")).toMatchObject({ exitCode: 7 });
    expect(await said("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr -d '\\t'")).toBe(
      ["Inh", "Prm", "Eff", "Bnd", "Amb"].map((set) => `Cap${set}:0000000000000000\n`).join("") +
        "NoNewPrivs:1\nSeccomp:2",
    );
    expect(await inside(1, "ls /var/run/docker.sock /run/docker.sock")).toMatchObject({ exitCode: 2 });
    expect(await inside(1, "unshare -U true")).not.toMatchObject({ exitCode: 0 });
    expect(await inside(1, "echo x >/etc/hostname-of-mine")).toMatchObject({ exitCode: 1 });
  });

  test("memory, swap, processes and processors have limits", async () => {
    const settings = (await user.devkit("--json", "config", "show")).stdout;
    const { data } = JSON.parse(settings) as { data: { settings: { key: string; value: unknown }[] } };
    const wanted = (key: string) => data.settings.find((one) => one.key === `container.${key}`)?.value;
    const [first] = await box.containers();
    const { stdout } = await execa("docker", [
      "inspect",
      "--format",
      "{{json .HostConfig}}",
      first?.id ?? "",
    ]);
    const host = JSON.parse(stdout) as Record<string, unknown>;
    const memory = wanted("memory");
    expect(memory).toBeGreaterThan(0);
    expect(host).toMatchObject({
      Memory: memory,
      MemorySwap: memory,
      PidsLimit: wanted("pids"),
      Privileged: false,
    });
    expect(Number(host["CpuQuota"]) / Number(host["CpuPeriod"])).toBe(wanted("cpus"));
    const files = "/sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max";
    const pids = "/sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max";
    expect(await said(`for f in ${files} ${pids}; do test ! -e $f || cat $f; done`)).toBe(
      `${String(memory)}\n${String(wanted("pids"))}`,
    );
    expect(await inside(1, "sleep 0 & ulimit -u")).toMatchObject({ exitCode: 0 });
  });

  test("shared history can be read and not written", async () => {
    const objects = path.join(box.repo, ".git/objects");
    expect(await said(`ls '${objects}' | wc -l`)).not.toBe("0");
    for (const act of [
      `touch '${objects}/x'`,
      `rm -rf '${objects}'/??`,
      `chmod 777 '${objects}'`,
      `mv '${objects}' /tmp/o`,
    ]) {
      expect(await inside(1, act)).not.toMatchObject({ exitCode: 0 });
    }
    expect(await user.run("git", "fsck", "--strict")).toMatchObject({ exitCode: 0 });
  });

  test("an agent sees neither another's HOME and worktree nor the primary's git dir and files", async () => {
    await inside(2, "echo secret-of-two >~/secret; echo secret-of-two >secret");
    const worktrees = path.join(box.repo, ".devkit/agents");
    expect(await said(`ls -A '${worktrees}' && ls -A '${box.repo}/.git' && ls -A '${box.repo}'`)).toBe(
      "agent-1\nobjects\n.devkit\n.git",
    );
    expect(await said("ls -A /home /devkit")).toBe("/devkit:\ncaches\ngit\npolicy\n\n/home:\nagent");
    const state = await inside(1, `ls '${agentState()}'`);
    expect(state).toMatchObject({ exitCode: 2 });
    const search = "grep -rsl secret-of-two / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev; true";
    expect(await said(search)).toBe("");
    expect(await readFile(path.join(worktrees, "agent-2/secret"), "utf8")).toBe("secret-of-two\n");
  });

  test("the agent's own git files on the host cannot be swapped for links", async () => {
    const results = await inside(
      1,
      "echo hostile >/workspace/.git; rm -f /workspace/.git; mv /workspace/.git /tmp/x; ln -sfn / /workspace/.git; cat .git",
    );
    expect(results.stdout).toBe("gitdir: /devkit/git");
    expect(await user.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
  });
});

describe.runIf(canMount)("where devkit writes", () => {
  let other: Sandbox;
  const mounted: Volume[] = [];
  const mount = async (dir: string, size: number) => {
    const volume = await mountVolume(dir, size);
    mounted.push(volume);
    return volume;
  };

  beforeEach(async () => {
    other = await createSandbox({ files: {} });
    await other.setIdentity();
  });

  afterEach(async () => {
    const ids = (await other.containers()).map(({ id }) => id);
    if (ids.length > 0) await execa("docker", ["rm", "-f", "-v", ...ids]);
    for (const volume of mounted.splice(0)) await volume.unmount();
    await other.remove();
  });

  /** A repository on the volume with a file that takes a good part of it. */
  async function fillRepository(): Promise<void> {
    await other.git("init", "-q", "-b", "main");
    await writeFile(path.join(other.repo, "large.bin"), randomBytes(MIB));
    await other.git("add", ".");
    await other.git("commit", "-q", "-m", "first");
  }

  /** Agent 1 with work of every kind: committed and not yet home, staged, changed, untracked. */
  async function work(): Promise<string> {
    const script =
      "echo c >c && git add c && git commit -qm c && echo s >s && git add s && echo x >>c && echo u >u";
    expect(await other.devkit("exec", "1", "sh", "-c", script)).toMatchObject({ exitCode: 0 });
    return (await other.devkit("exec", "1", "sh", "-c", "git log --oneline; git status --short; cat c s u"))
      .stdout;
  }

  async function expectConverged(agents: number, kept: string): Promise<void> {
    expect(await other.json("agent", "up", String(agents))).toMatchObject({ ok: true, exitCode: 0 });
    expect((await other.json("agent", "up", String(agents))).data).toMatchObject({ operations: [] });
    const list = agentsOf(await other.json("agent", "list"));
    expect(list.map(({ state }) => state)).toEqual(Array.from({ length: agents }, () => "running"));
    const now = await other.devkit(
      "exec",
      "1",
      "sh",
      "-c",
      "git log --oneline; git status --short; cat c s u",
    );
    expect(now.stdout).toBe(kept);
    expect(await other.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("c");
    const last = path.join(other.repo, `.devkit/agents/agent-${String(agents)}`);
    expect(await other.git("-C", last, "status", "--porcelain")).toBe("");
  }

  test("a read-only repository: says so, and goes on when it is writable again", async () => {
    const volume = await mount(other.repo, 32 * MIB);
    await fillRepository();
    await volume.makeReadOnly();
    expectFailure(
      await other.devkit("agent", "up", "1"),
      1,
      /\.devkit: the file system is read-only/,
      /writable/,
    );
    expectFailure(await other.devkit("init"), 1, /read-only/, /writable/);
    await volume.makeWritable();
    await other.devkit("agent", "up", "1");
    const kept = await work();
    await volume.makeReadOnly();
    for (const line of ["agent up 2", "agent down", "agent sync"]) {
      expectFailure(await other.devkit(...line.split(" ")), 1, /read-only/, /writable/);
    }
    expect(await other.devkit("agent", "list", "-q")).toMatchObject({ exitCode: 0, stdout: "agent-1" });
    expect(await other.devkit("exec", "1", "cat", "u")).toMatchObject({ exitCode: 0, stdout: "u" });
    await volume.makeWritable();
    await expectConverged(2, kept);
  });

  test.each([
    ["nothing", 0],
    ["room for a lock and nothing more", 20 * 1024],
    ["room for half of the files", MIB / 2],
  ])("a full disk with %s left: says so, loses nothing, and goes on", async (_, left) => {
    const volume = await mount(other.repo, 16 * MIB);
    await fillRepository();
    await other.devkit("agent", "up", "1");
    const kept = await work();
    await volume.fill(left);
    const full = await other.json("agent", "up", "2");
    expect(full.error).toMatchObject({ hint: expect.stringMatching(/free some space/) as string });
    expect(full.error?.message).toMatch(/the disk is full/);
    expect([1, 6]).toContain(full.exitCode);
    expect((await other.devkit("exec", "1", "cat", "u")).stdout).toBe("u");
    await volume.free();
    await expectConverged(2, kept);
  });

  test("a full disk where homes are: the same", async () => {
    await fillRepository();
    other.env["XDG_STATE_HOME"] = path.join(other.dir, "state");
    const volume = await mount(other.env["XDG_STATE_HOME"], MIB);
    await volume.fill(0);
    const full = await other.json("agent", "up", "1");
    expect(full.error).toMatchObject({ code: "E_DISK_FULL", exitCode: 1 });
    expect(full.error?.hint).toMatch(/free some space/);
    await volume.free();
    await other.devkit("agent", "up", "1");
    const kept = await work();
    await volume.fill(0);
    const again = await other.json("agent", "up", "3");
    expect([1, 6]).toContain(again.exitCode);
    expect(again.error?.message).toMatch(/the disk is full/);
    expect(again.error?.hint).toMatch(/free some space/);
    await volume.free();
    await expectConverged(3, kept);
  });
});
