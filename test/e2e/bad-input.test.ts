import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectFailure, traces } from "../support/refusals.js";
import { REPOSITORY_KINDS } from "../support/repository-kinds.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";
import { canMount } from "../support/volumes.js";

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  // A second commit, so that there is a history to cut off.
  await box.git("commit", "-q", "--allow-empty", "-m", "second");
  expect(await box.devkit("agent", "up", "3")).toMatchObject({ exitCode: 0 });
});

afterAll(() => box.remove());

const inDir = (cwd: string, ...args: string[]) => box.devkitWith({ cwd }, ...args);
const configured = async (text: string, work: () => Promise<void>) => {
  const file = path.join(box.repo, "devkit.toml");
  await writeFile(file, text);
  try {
    await work();
  } finally {
    await box.git("clean", "-qf", "devkit.toml");
  }
};

/** The end of a refusal's test: nothing is other than before. */
async function unchanged(work: () => Promise<void>): Promise<void> {
  const before = await traces(box);
  await work();
  expect(await traces(box)).toEqual(before);
}

describe("where devkit runs", () => {
  test.each([
    ["no repository", [], /is not inside a git repository/, /git init/],
    ["a repository without a commit", ["init", "-q"], /has no commit yet/, /git commit --allow-empty/],
    ["a bare repository", ["init", "-q", "--bare"], /belongs to a bare repository/, /git clone/],
  ])("%s", async (name, git, message, hint) => {
    const dir = path.join(box.dir, name.replaceAll(" ", "-"));
    await mkdir(dir);
    if (git.length > 0) await box.git("-C", dir, ...git);
    const before = await readdir(dir);
    expectFailure(await inDir(dir, "agent", "up", "1"), 2, message, hint);
    expect(await readdir(dir)).toEqual(before);
  });

  test("inside an agent's worktree", async () => {
    await unchanged(async () => {
      const dir = path.join(box.repo, ".devkit/agents/agent-1/src");
      for (const command of ["agent up 1", "agent list", "exec 1 true", "init"]) {
        expectFailure(
          await inDir(dir, ...command.split(" ")),
          2,
          /is the worktree of agent-1/,
          new RegExp(box.repo),
        );
      }
    });
  });

  test("a directory that is not there", async () => {
    expectFailure(await box.devkit("-C", "nowhere", "agent", "list"), 2, /nowhere does not exist/, /-C/);
  });
});

describe("repositories", () => {
  test.each(REPOSITORY_KINDS)("with $kind work", async ({ name, make }) => {
    const dir = path.join(box.dir, name);
    await make(box, dir);
    const before = await box.git("-C", dir, "status", "--porcelain", "--branch");
    expect(await inDir(dir, "agent", "up", "1")).toMatchObject({ exitCode: 0 });
    const script =
      "git log >/dev/null && git status --porcelain && echo new >new.txt && git add . && git commit -qm 'from inside'";
    expect(await inDir(dir, "exec", "1", "sh", "-c", script)).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
    expect(await inDir(dir, "agent", "list", "--json")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await box.git("-C", dir, "log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("from inside");
    expect(await box.git("-C", `${dir}/.devkit/agents/agent-1`, "status", "--porcelain")).toBe("");
    expect(await box.git("-C", dir, "status", "--porcelain", "--branch")).toBe(before);
    await box.git("-C", dir, "fsck", "--no-dangling");
    expect(await readdir(box.dir)).not.toContain("hook-ran");
  });

  test("from a worktree of the user's own, agents are the primary's", async () => {
    const dir = path.join(box.dir, "linked");
    await box.git("worktree", "add", "-q", "-b", "mine", dir);
    expect((await inDir(dir, "agent", "list", "-q")).stdout).toBe("agent-1\nagent-2\nagent-3");
    expect(await inDir(dir, "exec", "1", "cat", "README.md")).toMatchObject({
      exitCode: 0,
      stdout: "# demo",
    });
  });

  test("without user.name: a warning that says how to set it, and agents that start", async () => {
    const other = await createSandbox();
    try {
      const up = await other.json("agent", "up", "1");
      expect(up).toMatchObject({ ok: true, exitCode: 0 });
      expect(up.warnings).toEqual([expect.stringMatching(/who you are.*git config --global user\.name/)]);
      await other.setIdentity();
      expect((await other.json("agent", "up", "1")).warnings).toEqual([]);
      const commit = await other.devkit("exec", "1", "--", "git", "commit", "-q", "--allow-empty", "-m", "x");
      expect(commit).toMatchObject({ exitCode: 0 });
    } finally {
      await other.remove();
    }
  });
});

describe("the engine", () => {
  test("does not run", async () => {
    for (const host of ["unix:///nonexistent", "tcp://127.0.0.1:1", `unix://${box.repo}/README.md`]) {
      for (const command of ["agent up 1", "agent list", "exec 1 true", "image build"]) {
        const result = await box.devkitWith(
          { env: { ...box.env, DOCKER_HOST: host } },
          ...command.split(" "),
        );
        expectFailure(result, 3, /no container engine answers/, /start it.*install it.*DOCKER_HOST/);
      }
    }
  });

  test("may not be used by this user", async () => {
    const socket = path.join(box.dir, "engine.sock");
    const server = createServer().listen(socket);
    await chmod(socket, canMount ? 0o600 : 0o000);
    await chmod(box.dir, 0o755);
    // Root may open everything, so this runs as somebody else; git asks whose the repository is.
    const trust = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" };
    const home = path.join(box.dir, "other-home");
    await mkdir(home);
    await writeFile(path.join(home, ".gitconfig"), "[safe]\n\tdirectory = *\n");
    const state = { XDG_STATE_HOME: path.join(box.env["HOME"] ?? "", ".local/state") };
    const env = { ...box.env, ...trust, ...state, HOME: home, DOCKER_HOST: `unix://${socket}` };
    const who = canMount ? { uid: 65534, gid: 65534 } : {};
    try {
      expectFailure(
        await box.devkitWith({ env, ...who }, "agent", "list"),
        3,
        /may not use the container engine's socket/,
        /usermod -aG docker/,
      );
    } finally {
      server.close();
    }
  });

  test("cannot build the image: the end of the log, and nothing is made", async () => {
    await unchanged(async () => {
      await configured('[image]\npackages = ["no-such-package-xyz"]\n', async () => {
        const result = await box.devkit("agent", "up", "4");
        expectFailure(result, 1, /building the image devkit-agent:\w+ failed/, /log/);
        expect(result.stderr).toContain("Unable to locate package no-such-package-xyz");
      });
    });
  });
});

describe("the command line", () => {
  test.each(["0", "-1", "2.5", "X", "", "1e3", "10000"])("agent up %j", async (count) => {
    await unchanged(async () => {
      expectFailure(
        await box.devkit("agent", "up", count),
        2,
        new RegExp(`"${count}" is not a number of agents`),
        /agent up 3/,
      );
    });
  });

  test("agent up 1000 says what that would cost and asks for --force", async () => {
    await unchanged(async () => {
      const cost = /997 new agents.* of disk .* of memory .* s to start/;
      expectFailure(await box.devkit("agent", "up", "1000"), 5, cost, /--force/);
    });
  });

  test.each([
    ["agnt up 3", /unknown command 'agnt'/, /agent/],
    ["agent upp 3", /unknown command 'upp'/, /up/],
    ["agent up 3 --forse", /unknown option '--forse'/, /--force/],
    ["agent up", /how many agents/, /devkit agent up 3/],
    ["agent up 3 4", /a number of agents or names/, /agent up agent-2 agent-5/],
    ["agent", /needs one of: up, spawn, list/, /agent --help/],
    ["agent logs --tail x", /argument 'x' is invalid.*whole number/, /agent logs --help/],
    ["completion tcsh", /Allowed choices are bash, zsh, fish/, /completion --help/],
    ["exec", /missing required argument 'agent'/, /exec --help/],
    ["-p nosuch agent up 3", /no overlay named "nosuch"/, /there are: .*small/],
    ["-p smal agent up 3", /no overlay named "smal"/, /did you mean "small"\?/],
    ["--config nowhere.toml agent up 3", /nowhere\.toml: there is no such file/, /--config/],
  ])("devkit %s", async (line, message, hint) => {
    expectFailure(await box.devkit(...line.split(" ")), 2, message, hint);
  });

  test.each([
    ["exec 9 true", /no agent-9; there are agent-1, agent-2, agent-3/, /agent up 9/],
    ["exec-cd agent-9 true", /no agent-9; there are agent-1, agent-2, agent-3/, /agent up 9/],
    ["shell 9", /no agent-9/, /agent up 9/],
    ["agent status 9", /no agent-9; there are agent-1, agent-2, agent-3/, /agent up 9/],
    ["agent down 1 9", /no agent-9/, /agent up 9/],
    ["agent logs 9", /no agent-9/, /agent up 9/],
    ["agent sync bob", /there is no bob; there are/, /agent up 4/],
    ["exec 0 true", /is not an agent's index or name|no agent-0/, /agent up/],
  ])("devkit %s", async (line, message, hint) => {
    await unchanged(async () => {
      expectFailure(await box.devkit(...line.split(" ")), 4, message, hint);
    });
  });
});

describe("devkit.toml", () => {
  test.each([
    ["no TOML", "[container]\nmemory = 4g\n", "2:11", "not valid TOML", /memory = "4g"/],
    [
      "an unknown key",
      '[container]\n  memry = "4g"\n',
      "2:3",
      'unknown key "memry"',
      /did you mean "memory"/,
    ],
    ["an unknown table", "[contaner]\n", "1:2", "unknown table", /did you mean "container"/],
    ["a bad value", "[container]\npids = -1\n", "2:8", "container.pids must be", /config check/],
    [
      "an overlay that is not there",
      '[project]\noverlays = ["nope"]\n',
      "2:13",
      '"nope"',
      /there are: .*small/,
    ],
  ])("%s: place, line, caret and hint", async (_, text, place, message, hint) => {
    await unchanged(async () => {
      await configured(text, async () => {
        for (const command of ["agent up 4", "config check", "config show"]) {
          const result = await box.devkit(...command.split(" "));
          expectFailure(result, 2, new RegExp(`devkit\\.toml:${place}: .*${message}`), hint);
          const [line = 0, column = 0] = place.split(":").map(Number);
          const shown = `  ${String(line)} | ${text.split("\n")[line - 1] ?? ""}\n    | ${" ".repeat(column - 1)}^\n`;
          expect(result.stderr).toContain(shown);
        }
        // What does not need the settings still works, so that nobody is locked out of the agents.
        expect(await box.devkit("exec", "1", "true")).toMatchObject({ exitCode: 0 });
      });
    });
  });
});
