import { execa, type Options } from "execa";
import { stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSandbox, PROGRAM } from "../support/sandbox.js";
import { createAttack, PATIENCE_MS, within, type Attack } from "./hostile-agent.js";

let box: Attack;

/** The tests that change nothing for one another share their agents. */
beforeAll(async () => {
  box = await createAttack(2);
});

afterAll(() => box.remove());

const idOf = async (index: number) =>
  (await box.containers()).find(({ name }) => name.endsWith(`-agent-${String(index)}`))?.id ?? "";
const docker = async (...args: string[]) => (await execa("docker", args)).stdout;

describe("the container", () => {
  test("has no capability, cannot gain one, is filtered, and has a network of its own", async () => {
    const { stdout } = await box.inside(
      1,
      "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; ls /sys/class/net",
    );
    const value = (name: string) => new RegExp(`^${name}:\\s+(\\S+)$`, "m").exec(stdout)?.[1];
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) expect(Number(value(set))).toBe(0);
    expect([value("NoNewPrivs"), value("Seccomp")]).toEqual(["1", "2"]);
    expect(stdout.split("\n").filter((line) => !line.includes(":"))).toEqual(["eth0", "lo"]);
  });

  test("can write on the host in its worktree, its home and its private git dir, and the shared caches", async () => {
    const format = '{{range .Mounts}}{{if .RW}}{{.Type}} {{.Source}}{{"\\n"}}{{end}}{{end}}';
    const writable = (await docker("inspect", "-f", format, await idOf(1))).split("\n").filter(Boolean);
    const state = await box.state();
    const caches = path.join(box.env["XDG_CACHE_HOME"] ?? "", "devkit/caches/shared");
    const expected = [box.worktree, box.worktree, path.join(state, "git"), path.join(state, "home"), caches];
    expect(writable.sort()).toEqual(expected.map((source) => `bind ${source}`).sort());
    expect((await stat(state)).mode & 0o077).toBe(0);
  });

  test("is not privileged and shares no namespace, device or socket with the host", async () => {
    const fields = [
      "Privileged",
      "NetworkMode",
      "PidMode",
      "IpcMode",
      "UTSMode",
      "Devices",
      "CapAdd",
      "Binds",
    ];
    const format = fields.map((field) => `{{json .HostConfig.${field}}}`).join(" ");
    expect(await docker("inspect", "-f", format, await idOf(1))).toMatch(
      /^false "devkit-[a-z0-9.-]+-agent-1" "" "private" "" (null|\[\]) (null|\[\]) (null|\[\])$/,
    );
    const probes =
      "mount -t tmpfs x /mnt; unshare -Ur true; mknod /tmp/d b 8 0; umount /workspace/.git; echo x >/proc/sys/kernel/panic; echo x >/etc/passwd";
    const { stdout } = await box.inside(
      1,
      `${probes
        .split("; ")
        .map((probe) => `(${probe}) 2>/dev/null && echo '${probe}'`)
        .join("\n")}\nls /var/run/docker.sock; true`,
    );
    expect(stdout).toBe("");
  });

  test("sees no file of the host's user, the primary or another agent", async () => {
    await box.inside(2, "echo two >/workspace/two.txt; echo two >~/two.txt");
    const { stdout } = await box.inside(
      1,
      `find ${box.dir} -type f -not -path '*/objects/*' -not -path '${box.worktree}/*' 2>/dev/null; find / -xdev -name two.txt 2>/dev/null`,
    );
    expect(stdout).toBe("");
  });
});

test("no secret of the host reaches the agent, its labels or its files", async () => {
  await box.git("remote", "add", "origin", "https://bob:SE@CRET@example.com/x.git");
  await box.git("config", "remote.origin.pushurl", "https://bob:SECRET@example.com/x.git");
  await box.git("config", "http.extraHeader", "Authorization: SECRET");
  const proxied = {
    env: { ...box.env, HTTPS_PROXY: "socks5h://u:SE@CRET@127.0.0.1:9", API_TOKEN: "SECRET" },
  };
  await box.devkitWith(proxied, "agent", "up", "3");
  const seen = await box.devkitWith(
    proxied,
    "exec",
    "3",
    "--",
    "sh",
    "-c",
    "env; git config --list; cat /devkit/git/config ~/.gitconfig*",
  );
  expect(seen.stdout).not.toContain("127.0.0.1:9");
  expect(seen.stdout).toContain("https://example.com/x.git");
  expect(seen.stdout + (await docker("inspect", await idOf(3)))).not.toMatch(/CRET/);
});

describe("the terminal", () => {
  test("gets no control character from an agent's log", async () => {
    await box.inside(1, String.raw`printf '\033]0;owned\007\033[2J\302\23331mred\r\n' >/proc/1/fd/1`);
    const seen = async () => (await box.devkit("agent", "logs", "1")).stdout;
    await box.until(async () => (await seen()).includes("owned"));
    // eslint-disable-next-line no-control-regex -- control bytes are what this looks for
    expect(await seen()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test("gets none from a branch name or from what the agent's git says", async () => {
    await box.inside(
      1,
      String.raw`git commit -q --allow-empty -m x; printf 'ref: refs/heads/\302\23331mred\n' >/devkit/git/HEAD`,
    );
    await box.answerBundle(1, String.raw`printf '\033[31mevil\302\23331m\n' >&2; exit 1`);
    for (const command of ["list", "status", "sync"]) {
      const { stdout, stderr } = await within(box, "agent", command);
      // eslint-disable-next-line no-control-regex -- control bytes are what this looks for
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
  });
});

describe("one agent's tricks are its own trouble", () => {
  beforeEach(async () => {
    await box.remove();
    box = await createAttack(2);
  });

  /** The other agent is listed, synced, stopped and started as if nothing were wrong. */
  const othersAreFine = async (run: (...args: string[]) => Promise<{ exitCode: number; stderr: string }>) => {
    for (const args of [["list"], ["status", "2"], ["sync", "2"], ["down", "2"]]) {
      const { exitCode, stderr } = await run("agent", ...args);
      expect([args[0], exitCode, stderr.replaceAll(/agent-1: .*/g, "")]).toMatchObject([
        args[0],
        0,
        expect.anything(),
      ]);
    }
    await run("agent", "up", "2");
    const state = (await box.containers()).find(({ name }) => name.endsWith("-agent-2"))?.state;
    expect(state).toBe("running");
  };

  test("a home where devkit cannot write", async () => {
    await box.inside(1, "rm ~/.gitconfig.devkit; mkdir -p ~/.gitconfig.devkit/x");
    await othersAreFine((...args) => within(box, ...args));
  });

  test("pipes where devkit keeps its records in the container", async () => {
    await box.inside(1, "mkfifo /tmp/.devkit-exec-0");
    expect((await within(box, "exec", "1", "--", "echo", "hi")).stdout).toBe("hi");
    await othersAreFine((...args) => within(box, ...args));
  });

  test("a git that never answers: Ctrl-C ends the wait, and `agent down` still stops the agent", async () => {
    await box.inside(1, "git commit -q --allow-empty -m x");
    await box.answerBundle(1, "touch /tmp/asked; exec sleep infinity");
    const options: Options = {
      cwd: box.repo,
      env: box.env,
      extendEnv: false,
      reject: false,
      stdin: "ignore",
    };
    const listing = execa(process.execPath, [PROGRAM, "agent", "list"], {
      ...options,
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    });
    await box.until(
      async () =>
        (await execa("docker", ["exec", await idOf(1), "test", "-e", "/tmp/asked"], { reject: false }))
          .exitCode === 0,
    );
    listing.kill("SIGINT");
    expect((await listing).exitCode).toBe(130);
  });

  test("files that the host's user may not read", async () => {
    const locked = await createSandbox();
    try {
      await locked.setIdentity();
      const socket = await stat("/var/run/docker.sock");
      const user = process.getuid?.() === 0 ? { uid: 4242, gid: socket.gid } : {};
      if ("uid" in user) await execa("chown", ["-R", `${String(user.uid)}:${String(user.gid)}`, locked.dir]);
      const env = { ...locked.env, XDG_CACHE_HOME: path.join(locked.dir, "home/.cache") };
      const run = (...args: string[]) => locked.devkitWith({ ...user, env, timeout: PATIENCE_MS }, ...args);
      expect(await run("agent", "up", "2")).toMatchObject({ exitCode: 0 });
      await run("exec", "1", "--", "sh", "-c", "chmod 000 /workspace ~ /devkit/git");
      const listed = await run("agent", "list", "--wide");
      expect(listed.stdout).toMatch(/agent-2 .* running .* current/);
      expect((await run("agent", "down", "2")).exitCode).toBe(0);
      await run("agent", "down");
      expect((await locked.containers()).map(({ state }) => state)).toEqual(["exited", "exited"]);
    } finally {
      await locked.remove();
    }
  });
});
