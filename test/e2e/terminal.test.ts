import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { processesIn } from "../support/live-process.js";
import { createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";
import { openTerminal, OUTER_PROMPT, type Terminal } from "../support/terminal.js";

const ESCAPE = "\x1b";
const PROMPT = /agent-2 \(agent\/agent-2\/idle\)/;

let box: Sandbox;
let terminal: Terminal;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
});

afterAll(() => box.remove());

beforeEach(async () => {
  terminal = await open();
});

afterEach(() => terminal.close());

/** A terminal that knows `devkit`. */
async function open(): Promise<Terminal> {
  const env = { ...box.env, COLORTERM: "truecolor", LANG: "C.UTF-8" };
  const opened = await openTerminal({ cwd: box.repo, env, columns: 100, rows: 30 });
  await opened.type(`devkit() { '${process.execPath}' '${PROGRAM}' "$@"; }`);
  return opened;
}

/** Opens a shell in agent 2 and waits for its prompt. */
async function enter(command = "exec-cd 2 bash"): Promise<void> {
  await terminal.type(`clear; devkit ${command}; echo "left with $?"`);
  await terminal.see(PROMPT);
}

/** Waits until the command, and not the shell around it, gets what is typed. */
async function inForeground(command: string): Promise<void> {
  await box.until(async () => {
    const { stdout } = await box.devkit("exec", "2", "--", "ps", "-eo", "stat=,args=");
    return stdout.split("\n").some((line) => /^\S*\+/.test(line) && line.trimEnd().endsWith(` ${command}`));
  });
}

describe("a shell in an agent", () => {
  test.each(["exec-cd 2 bash", "exec 2 bash", "shell 2", "attach-cd 2"])(
    "%s: it is a terminal",
    async (command) => {
      await enter(command);
      expect(await terminal.run("tty; pwd; echo $TERM $COLORTERM $LANG; tput colors; stty size")).toMatch(
        /^\/dev\/pts\/\d+\n\/workspace\ntmux-256color truecolor C.UTF-8\n256\n30 100$/,
      );
    },
  );

  test("attach-cd opens it in a directory", async () => {
    await enter("attach-cd 2 src/lib");
    expect(await terminal.run("pwd")).toBe("/workspace/src/lib");
  });

  test("the prompt names the agent, its branch and the directory, and the last failure", async () => {
    await enter();
    await terminal.type("cd src && git switch -qc topic && false");
    await terminal.see(/agent-2 \(topic\) \/workspace\/src \[1\] /);
    await terminal.type("git switch -q agent/agent-2/idle");
    await terminal.see(/agent-2 \(agent\/agent-2\/idle\) \/workspace\/src [#$]/);
  });

  test("colours come through", async () => {
    await enter();
    await terminal.see(new RegExp(`${ESCAPE}\\[[0-9;]*32m[^\\n]*agent-2`), true);
    await terminal.type("clear; ls");
    await terminal.see(new RegExp(`${ESCAPE}\\[[0-9;]*34m[^\\n]*src`), true);
  });

  test("text of any script goes both ways", async () => {
    await enter();
    expect(await terminal.run("echo grüße 日本 | od -An -tx1 | tr -d ' \\n'; echo; echo 'ünï →'")).toBe(
      `${Buffer.from("grüße 日本\n").toString("hex")}\nünï →`,
    );
  });

  test("Ctrl-C goes to what runs inside, and devkit stays", async () => {
    await enter();
    await terminal.type(
      "clear; bash -c 'trap \"echo ca''ught; exit 9\" INT; echo rea''dy; while :; do sleep 0.1; done'",
    );
    await terminal.see(/^ready$/m);
    await terminal.press("C-c");
    await terminal.see(/caught$/m);
    await terminal.see(/\[9\] [#$]/);
    expect(await terminal.run("echo still $DEVKIT_AGENT")).toBe("still agent-2");
  });

  test("Ctrl-Z and Ctrl-\\ are the inner shell's as well", async () => {
    await enter();
    await terminal.type("clear; sleep 4201");
    await inForeground("sleep 4201");
    await terminal.press("C-z");
    // Keys that come before the prompt are for the programs that make it.
    await terminal.see(/Stopped[^]*\[148\] [#$]/);
    await terminal.type("fg");
    await inForeground("sleep 4201");
    await terminal.press("C-\\");
    await terminal.see(/Quit/);
    expect(await terminal.run("echo still $DEVKIT_AGENT")).toBe("still agent-2");
  });

  test("Ctrl-D ends it, with the last exit code, and the terminal is as before", async () => {
    const before = await terminal.run("stty -g");
    await enter();
    await terminal.type("clear; (exit 7)");
    await terminal.see(/\[7\] [#$]/);
    await terminal.press("C-d");
    await terminal.see(/^left with 7$/m);
    expect(await terminal.run("stty -g")).toBe(before);
    expect(await terminal.run("echo visible")).toBe("visible");
  });

  test("exit passes its code", async () => {
    await enter();
    await terminal.type("exit 42");
    await terminal.see(/^left with 42$/m);
  });

  test.each(["echo 4202", "echo 4202; sleep 4202", "while :; do date +4202; done"])(
    "closing the window ends the shell, also after %s",
    async (line) => {
      const left = async () => (await processesIn(box, 2)).filter((words) => /bash|4202/.test(words));
      await box.devkit("exec", "2", "--", "pkill", "-KILL", "-x", "bash");
      for (let round = 0; round < 3; round += 1) {
        await enter();
        await terminal.type(`clear; ${line}`);
        await terminal.see(/4202/);
        await terminal.close();
        await box.until(async () => (await left()).length === 0);
        terminal = await open();
      }
    },
  );
});

describe("a command on a terminal", () => {
  test("has the terminal's size from its first moment", async () => {
    await terminal.resize(91, 23);
    const sizes = await terminal.run("for i in 1 2 3 4 5 6 7 8; do devkit exec 1 -- stty size; done");
    expect(sizes.split("\n")).toEqual(Array.from({ length: 8 }, () => "23 91"));
  });

  test("follows a resize, and is told of it", async () => {
    await terminal.type(
      "clear; devkit exec 1 -- bash -c 'trap \"stty size\" WINCH; echo rea''dy; while :; do sleep 0.1; done'",
    );
    await terminal.see(/^ready$/m);
    await terminal.resize(77, 21);
    await terminal.see(/^21 77$/m);
    await terminal.resize(120, 40);
    await terminal.see(/^40 120$/m);
    await terminal.press("C-c");
    await terminal.see(new RegExp(`${OUTER_PROMPT} \\n*$`));
  });

  test("Ctrl-C ends it with 130, and the terminal is as before", async () => {
    const before = await terminal.run("stty -g");
    await terminal.type("clear; devkit exec 1 -- sh -c 'echo rea''dy; sleep 4203'; echo \"left with $?\"");
    await terminal.see(/^ready$/m);
    await terminal.press("C-c");
    await terminal.see(/left with 130$/m);
    expect(await terminal.run("stty -g")).toBe(before);
    expect(await processesIn(box, 1)).not.toContain("sleep 4203");
  });

  test.each([
    ["xterm-256color", "xterm-256color"],
    ["screen", "screen"],
    ["xterm-kitty", "xterm-kitty"],
    ["no-such-terminal", "xterm-256color"],
  ])("TERM=%s becomes %s", async (term, expected) => {
    expect(await terminal.run(`TERM=${term} devkit exec 1 -- sh -c 'echo $TERM'`)).toBe(expected);
  });

  test("NO_COLOR and a missing COLORTERM come through", async () => {
    const asked = "env -u COLORTERM NO_COLOR=1 '" + process.execPath + "' '" + PROGRAM + "' exec 1 -- sh -c";
    expect(await terminal.run(`${asked} 'echo "[$COLORTERM][$NO_COLOR]"'`)).toBe("[][1]");
  });

  test("is not given a terminal when its input or its output is none", async () => {
    const ask =
      "devkit exec 1 -- sh -c 'for fd in 0 1 2; do test -t $fd && echo yes || echo no; done; echo \"<$TERM>\"'";
    expect(await terminal.run(`${ask} </dev/null`)).toBe("no\nno\nno\n<>");
    expect(await terminal.run(`${ask} | cat`)).toBe("no\nno\nno\n<>");
    expect(await terminal.run(ask)).toBe("yes\nyes\nyes\n<tmux-256color>");
  });
});

test("the environment is the agent's, not the host's", async () => {
  const host = {
    ...{ ...box.env, SECRET_TOKEN: "hunter2", TERM: "xterm", COLORTERM: "truecolor", LANG: "de_DE.UTF-8" },
    ...{ HTTP_PROXY: "http://tess:hunter2@proxy:3128", https_proxy: "socks5h://tess:a@hunter2@proxy:1080" },
    NO_PROXY: "localhost,.corp",
  };
  const { stdout } = await box.devkitWith({ env: host }, "exec", "2", "--", "env", "-0");
  const env: unknown = Object.fromEntries(stdout.split("\0").map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  const home = "/home/agent";
  expect(env).toMatchObject({
    ...{ HOME: home, DEV_HOME: home, USER: "agent", CODEX_HOME: `${home}/.codex`, LANG: "C.UTF-8" },
    ...{ CODEX_ROLLOUT_DIR: `${home}/.codex/rollouts`, CLAUDE_CONFIG_DIR: `${home}/.claude` },
    ...{ XDG_CONFIG_HOME: `${home}/.config`, XDG_STATE_HOME: `${home}/.local/state` },
    ...{ DEVKIT_AGENT: "agent-2", DEVKIT_AGENT_INDEX: "2" },
    DEVKIT_PROJECT: expect.stringMatching(/^demo-[0-9a-f]{8}$/) as string,
    ...{ HTTP_PROXY: "http://tinyproxy:8888", http_proxy: "http://tinyproxy:8888" },
    ...{ HTTPS_PROXY: "http://tinyproxy:8888", https_proxy: "http://tinyproxy:8888" },
    ...{ NO_PROXY: "localhost,127.0.0.1,::1", no_proxy: "localhost,127.0.0.1,::1" },
  });
  expect(stdout).not.toContain("hunter2");
  for (const name of ["TERM", "COLORTERM", "SECRET_TOKEN"]) expect(env).not.toHaveProperty(name);
  const places = ["HOME", "CODEX_HOME", "CODEX_ROLLOUT_DIR", "CLAUDE_CONFIG_DIR", "XDG_CACHE_HOME"];
  const isWritable = places.map((name) => `test -d "$${name}" -a -w "$${name}"`).join(" && ");
  expect(await box.devkit("exec", "2", "--", "sh", "-c", isWritable)).toMatchObject({ exitCode: 0 });
});
