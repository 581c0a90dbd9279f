import { execa } from "execa";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSessions } from "../../src/adapters/tmux/sessions.js";
import { projectOf } from "../../src/domain/identity/project.js";
import { createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";
import { openTerminal } from "../support/terminal.js";

/** Two agents and a tmux of the sandbox's own, in which the windows are real shells in the agents. */
let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox({ name: "my.repo:x" });
  await box.setIdentity();
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
  const overlay = path.join(box.repo, ".devkit-overlays/small");
  await mkdir(overlay, { recursive: true });
  await writeFile(path.join(overlay, "overlay.toml"), '[container]\nenv = { SMALL = "yes" }\n');
});

afterAll(() => box.remove());

async function tmux(...args: string[]): Promise<string> {
  const { stdout } = await execa("tmux", ["-u", ...args], { env: box.env, extendEnv: false });
  return stdout;
}

const windows = async (session: string) =>
  (await tmux("list-windows", "-t", `=${session}`, "-F", "#{window_name}")).split("\n");

const STATE = "#{window_index} dead=#{pane_dead} status=#{pane_dead_status} signal=#{pane_dead_signal}";

/** What a window shows, once the pattern is there. */
async function see(window: string, pattern: RegExp): Promise<void> {
  let screen = "";
  await box
    .until(async () =>
      pattern.test((screen = await tmux("capture-pane", "-p", "-J", "-S", "-", "-t", window))),
    )
    .catch(() => {
      throw new Error(`not in ${window}: ${String(pattern)}\n${screen}`);
    });
}

test("tmux-shells: a window for every agent that runs, with its shell in it, and no second one", async () => {
  const first = await box.devkit("tmux-shells", "3", "--no-attach");
  expect(first.stdout).toBe(
    "Session devkit-shells: 2 windows, added agent-1 · agent/agent-1/idle, agent-2 · agent/agent-2/idle.\n" +
      "To see it: tmux attach -t =devkit-shells",
  );
  // No key is there for anybody: one line each, and nothing held up.
  const lines = first.stderr.split("\n");
  expect(lines.filter((line) => /agent-1: .*key/.test(line))).toHaveLength(1);
  expect(lines.filter((line) => /agent-2: .*key/.test(line))).toHaveLength(1);
  expect(first.stderr).toContain("agent-3 does not run, and gets no window; bring it up: devkit agent up 3");
  expect(first.exitCode).toBe(0);
  const asked = 'echo "<$DEVKIT_AGENT $HOME $PWD>"';
  await tmux("send-keys", "-t", "=devkit-shells:1", asked, "Enter");
  await see("=devkit-shells:1", /^<agent-2 \/home\/agent \/workspace>$/m);
  // The user leaves one shell.
  await see("=devkit-shells:0", /agent-1 /);
  await tmux("send-keys", "-t", "=devkit-shells:0", "false; exit", "Enter");
  await box
    .until(async () => (await windows("devkit-shells")).length === 1)
    .catch(async () => {
      const panes = await tmux("list-panes", "-s", "-t", "=devkit-shells", "-F", STATE);
      const screen = await tmux("capture-pane", "-p", "-J", "-S", "-", "-t", "=devkit-shells:0");
      throw new Error(`the window of agent-1 is still there:\n${panes}\n${screen}`);
    });
  const again = await box.json("tmux-sync");
  expect(again.data).toEqual({
    session: "devkit-shells",
    windows: [
      { index: 1, name: "agent-1", title: "agent-1 · agent/agent-1/idle", opened: true },
      { index: 2, name: "agent-2", title: "agent-2 · agent/agent-2/idle", opened: false },
    ],
    ...{ attached: false, notRunning: [] },
  });
  const none = await box.devkit("tmux-sync", "--count", "2");
  expect(none.stdout).toMatch(/^Session devkit-shells: 2 windows, nothing to add\./);
});

test("agent attach: the agent's session on the terminal, until it is left", async () => {
  const none = await box.devkit("agent", "attach", "1");
  expect(none).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining("agent-1 has no tmux session") as string,
  });
  const project = projectOf({ root: box.repo, commonDir: path.join(box.repo, ".git"), stateHome: "/x" });
  const { signal } = new AbortController();
  const sessions = createSessions({ project, env: box.env, signal, hasTerminal: () => false });
  await sessions.start({ agent: "agent-1", cwd: "/", argv: ["sh", "-c", "echo at work; cat"], title: "t" });
  expect(await box.devkit("agent", "attach", "1")).toMatchObject({ exitCode: 2 });
  const terminal = await openTerminal({ cwd: box.repo, env: box.env, columns: 90, rows: 20 });
  try {
    const outside = `env -u TMUX -u TMUX_PANE TMUX_TMPDIR='${box.dir}'`;
    await terminal.type(
      `${outside} '${process.execPath}' '${PROGRAM}' agent attach agent-1; echo "left with $?"`,
    );
    await terminal.see(/at work/);
    expect((await sessions.list())[0]).toMatchObject({ attached: 1 });
    await tmux("detach-client", "-s", "=devkit-agent-1");
    await terminal.see(/left with 0/);
  } finally {
    await terminal.close();
  }
  await sessions.kill("agent-1");
});

test("layout apply brings up who is missing, with the overlays, leaves who runs, and adds windows", async () => {
  const before = await box.containers();
  const file = path.join(box.repo, "layout.yaml");
  await writeFile(
    file,
    `session: team
overlays: [{ name: small, agents: [1, 3] }]
windows:
  - { index: 1, path: src/lib, command: 'pwd; echo "it''s #{pid};"; exit 7' }
  - { agent: agent-3, name: three, command: [sh, -c, 'echo "small: $SMALL"'] }
`,
  );
  expect((await box.devkit("layout", "validate", "layout.yaml")).stdout).toBe(
    "layout.yaml is fine: session team, 2 windows for 2 agents.",
  );
  const applied = await box.json("layout", "apply", file);
  expect(applied).toMatchObject({ ok: true, data: { session: "team", started: ["agent-3"] } });
  expect(applied.warnings).toEqual(["agent-1 runs without the overlay small, and is left as it is"]);
  await see("=team:0", /^\/workspace\/src\/lib\nit's #\{pid\};\n/);
  await see("=team:1", /^small: yes$/m);
  expect(await windows("team")).toEqual(["agent-1 · agent/agent-1/idle", "three"]);
  const after = await box.containers();
  expect(after).toEqual(expect.arrayContaining(before));
  expect(after).toHaveLength(3);
  const again = await box.json("layout", "apply", file);
  expect(again.data).toMatchObject({ started: [], windows: [{ opened: false }, { opened: false }] });
  // What runs now, as a layout that is no change to it.
  await box.devkit("layout", "generate", "--output", "now.yaml");
  expect((await box.json("layout", "validate", "now.yaml")).data).toMatchObject({
    ...{ windows: 3, agents: [{ overlays: [] }, { overlays: [] }, { overlays: ["small"] }] },
  });
  expect(await box.devkit("layout", "generate", "--output", "now.yaml")).toMatchObject({ exitCode: 5 });
});

test("without tmux, only what is about tmux does not work", async () => {
  const bin = path.join(box.dir, "bin");
  await mkdir(bin);
  const { stdout: git } = await execa("sh", ["-c", "command -v git"]);
  await symlink(git, path.join(bin, "git"));
  const env = { ...box.env, PATH: bin };
  const words = [
    ["tmux-shells", "2"],
    ["tmux-sync"],
    ["layout", "apply", "layout.yaml"],
    ["agent", "attach", "1"],
  ];
  for (const args of words) {
    const { exitCode, stderr } = await box.devkitWith({ env }, ...args);
    expect([args, exitCode, stderr]).toEqual([args, 3, expect.stringContaining("tmux is not installed")]);
  }
  expect((await box.devkitWith({ env }, "layout", "validate", "layout.yaml")).exitCode).toBe(0);
  expect((await box.devkitWith({ env }, "agent", "list", "-q")).stdout).toBe("agent-1\nagent-2\nagent-3");
});
