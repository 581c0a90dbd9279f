import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Sessions, StartSession } from "../../src/app/ports-sessions.js";
import { toDevkitError } from "../../src/base/errors.js";
import { waitFor } from "../../src/base/wait.js";
import { codeOf } from "../contracts/code-of.js";
import { sessionsOf } from "../support/tmux-stand.js";
import { tmuxStands } from "../support/tmux-stands.js";

const open = tmuxStands();

const asleep = (agent: string, more: Partial<StartSession> = {}): StartSession => ({
  ...{ agent, cwd: "/", argv: ["sleep", "600"], title: `${agent} · agent/${agent}/idle` },
  ...more,
});

const ended = (sessions: Sessions, agent: string) =>
  waitFor(async () => (await sessions.list()).find((one) => one.agent === agent && one.state === "ended"), {
    deadlineMs: 10_000,
    intervalMs: 20,
    what: `${agent} ends`,
  });

/** Words a pane has written, one per NUL. */
const written = (file: string) =>
  waitFor(async () => (await readFile(file, "utf8").catch(() => undefined))?.split("\0").slice(0, -1), {
    ...{ deadlineMs: 10_000, intervalMs: 20, what: file },
  });

describe("an agent's session", () => {
  test("is there once, whoever starts it and how often, and is found by what is written in it", async () => {
    const stand = await open();
    const sessions = sessionsOf(stand);
    expect(await sessions.list()).toEqual([]);
    const many = Array.from({ length: 8 }, () => sessionsOf(stand).start(asleep("agent-1")));
    expect(new Set(await Promise.all(many))).toEqual(new Set(["devkit-agent-1"]));
    await stand.tmux("rename-session", "-t", "=devkit-agent-1", "mine");
    expect(await sessions.start(asleep("agent-1"))).toBe("mine");
    const only = { agent: "agent-1", name: "mine", attached: 0, state: "running" };
    const running = { ...only, exitCode: undefined, signal: undefined, pid: expect.any(Number) as number };
    expect(await sessions.list()).toEqual([running]);
    expect(await stand.list("#{window_name}|#{pane_title}")).toEqual([
      "agent-1 · agent/agent-1/idle|agent-1 · agent/agent-1/idle",
    ]);
  });

  test("agent-1 is not agent-10, nor another project's agent-1, nor a session of the user's", async () => {
    const stand = await open();
    const [one, two] = [sessionsOf(stand, "/src/one"), sessionsOf(stand, "/src/my.repo:x")];
    const twin = sessionsOf(stand, "/other/my.repo:x");
    await stand.tmux("new-session", "-d", "-s", "devkit-agent-2", "sleep", "600");
    await one.start(asleep("agent-10"));
    expect(await one.kill("agent-1")).toBeUndefined();
    expect(await one.start(asleep("agent-1"))).toBe("devkit-agent-1");
    expect(await two.start(asleep("agent-1"))).toBe("devkit-my-repo-x-agent-1");
    expect(await twin.start(asleep("agent-1"))).toMatch(/^devkit-my-repo-x-[0-9a-f]{8}-agent-1$/);
    expect(await one.start(asleep("agent-2"))).toBe("devkit-one-agent-2");
    expect(await one.kill("agent-2")).toBe("devkit-one-agent-2");
    expect(await one.kill("agent-1")).toBe("devkit-agent-1");
    expect((await one.list()).map(({ agent }) => agent)).toEqual(["agent-10"]);
    expect((await two.list()).map(({ agent }) => agent)).toEqual(["agent-1"]);
    expect(await stand.tmux("has-session", "-t", "=devkit-agent-2")).toBe("");
  });

  test("its command gets every argument, its directory and its environment byte for byte", async () => {
    const stand = await open();
    const cwd = path.join(stand.dir, "a #{pid} #(date) %d;");
    await stand.tmux("-f", "/dev/null", "new-session", "-d", "-e", "WHO=server", "sleep", "600");
    await mkdir(cwd);
    const file = path.join(stand.dir, "words");
    const first = ["a b", "", 'it\'s "so"', "last;", ";", "\\;", "\\"];
    const words = [...first, "#{pane_id}", "#", "~", "~/x", "$HOME", "`id`"];
    const more = [
      "l1\n   l2\n# no comment\n",
      "\t%d%%",
      "{",
      "}",
      "%if",
      "grüße 日本 🙂",
      "-t",
      "x".repeat(100_000),
    ];
    const print = 'for one; do printf "%s\\0" "$one"; done >"$0.new"; mv "$0.new" "$0"; sleep 600';
    const sessions = sessionsOf(stand, "/src/demo", { WHO: 'a\'b\n"c;" #{pid}', LONG: "y".repeat(50_000) });
    const argv: StartSession["argv"] = [
      "sh",
      "-c",
      `set -- "$@" "$WHO" "$PWD" "\${#LONG}" "$EXTRA"; ${print}`,
      file,
      ...words,
      ...more,
    ];
    await sessions.start(asleep("agent-1", { argv, cwd, env: { EXTRA: "own" } }));
    expect(await written(file)).toEqual([...words, ...more, 'a\'b\n"c;" #{pid}', cwd, "50000", "own"]);
    const title = "agent-1 · fix-#{pid}-%d";
    await sessions.retitle("agent-1", title);
    expect(await stand.tmux("display-message", "-p", "-t", "=devkit-agent-1:", "#{window_name}")).toBe(title);
    // A program alone is no line for a shell either.
    const program = path.join(stand.dir, "a program; exit 9");
    await writeFile(program, `#!/bin/sh\nexit 7\n`, { mode: 0o755 });
    await sessions.start(asleep("agent-2", { argv: [program] }));
    expect(await ended(sessions, "agent-2")).toMatchObject({ exitCode: 7, signal: undefined });
  });

  test("tells how its command ended, and starts it again", async () => {
    const stand = await open();
    const sessions = sessionsOf(stand);
    await sessions.start(asleep("agent-1", { argv: ["sh", "-c", "exit 3"] }));
    await sessions.start(asleep("agent-2", { argv: ["sh", "-c", "kill -TERM $$"] }));
    await sessions.start(asleep("agent-3", { argv: ["/nowhere/program", "x"] }));
    expect(await ended(sessions, "agent-1")).toMatchObject({ exitCode: 3, signal: undefined });
    expect(await ended(sessions, "agent-2")).toMatchObject({ exitCode: undefined, signal: "SIGTERM" });
    expect(await ended(sessions, "agent-3")).toMatchObject({ exitCode: 1 });
    await Promise.all([1, 2, 3].map(() => sessionsOf(stand).start(asleep("agent-1", { title: "anew" }))));
    expect((await sessions.list())[0]).toMatchObject({ agent: "agent-1", state: "running" });
    expect(await stand.list("#{session_name} #{window_name}")).toContain("devkit-agent-1 anew");
    // The user closes the agent's pane and goes on beside it.
    const [pane = ""] = await stand.list("#{?#{==:#{session_name},devkit-agent-1},#{pane_id},}");
    await stand.tmux("split-window", "-d", "-t", pane, "sleep", "600");
    await stand.tmux("kill-pane", "-t", pane);
    expect((await sessions.list())[0]).toMatchObject({ state: "ended", exitCode: undefined });
    expect(await sessions.start(asleep("agent-1"))).toBe("devkit-agent-1");
    expect((await sessions.list())[0]).toMatchObject({ state: "running" });
    expect((await stand.list("#{session_name}")).filter((name) => name === "devkit-agent-1")).toHaveLength(2);
  });

  test("settings of the user's do no harm, nor does a TMUX that is not true any more", async () => {
    const stand = await open(
      [
        "set -g base-index 1\nsetw -g pane-base-index 1\nset -g renumber-windows on\nset -g default-command 'exit 9'",
        "set -g destroy-unattached on\nset -g set-titles on\nset -g remain-on-exit off\nset -g default-shell /bin/false",
        "setw -g automatic-rename on\nset -g allow-rename on\nset -g detach-on-destroy off\nset -s exit-empty off\nset -g mouse on",
      ].join("\n"),
    );
    const stale = { TMUX: `${stand.dir}/nowhere/default,1,0`, TMUX_PANE: "%0" };
    const sessions = sessionsOf(stand, "/src/demo", stale);
    const title = "printf '\\033kother\\033\\\\'";
    await sessions.start(
      asleep("agent-1", { argv: ["sh", "-c", `${title}; touch "$HOME/said"; exec sleep 600`] }),
    );
    await written(path.join(stand.dir, "said"));
    expect(await stand.list("#{window_index}.#{pane_index} #{window_name}")).toEqual([
      "1.1 agent-1 · agent/agent-1/idle",
    ]);
    await stand.tmux("kill-session", "-t", "=devkit-agent-1");
    expect(await sessions.list()).toEqual([]);
    expect(await sessions.kill("agent-1")).toBeUndefined();
    expect(await sessions.message("agent-1", "hello")).toBe(0);
    await expect(sessions.attach("agent-1")).rejects.toMatchObject({
      code: "E_SESSION_UNKNOWN",
      exitCode: 4,
    });
    await sessions.start(asleep("agent-1"));
    await expect(sessions.attach("agent-1")).rejects.toMatchObject({ code: "E_USAGE", exitCode: 2 });
  });

  test("without tmux there is one error, and no sessions", async () => {
    const stand = await open();
    const sessions = sessionsOf(stand, "/src/demo", { PATH: "/nowhere" });
    expect(await sessions.available()).toBe(false);
    expect(await sessions.list()).toEqual([]);
    for (const work of [
      sessions.start(asleep("agent-1")),
      sessions.kill("agent-1"),
      sessions.attach("agent-1"),
    ])
      expect(await codeOf(work)).toBe("E_TOOL_MISSING");
  });
});

describe("a tmux that cannot be asked", () => {
  const expectNothing = async (sessions: Sessions, why: string) => {
    expect([await sessions.available(), await sessions.list()]).toEqual([true, []]);
    const start = () => sessions.start(asleep("agent-1"));
    for (const work of [() => sessions.require(), start, () => sessions.kill("agent-1")]) {
      const { code, message } = toDevkitError(await work().catch((error: unknown) => error));
      expect(`${code} ${message}`).toMatch(new RegExp(`^E_TMUX .*${why}`));
    }
  };

  test("because others can write where its socket is has no sessions", async () => {
    const stand = await open();
    const place = path.join(stand.dir, "x", `tmux-${String(process.getuid?.())}`);
    await mkdir(place, { recursive: true });
    await chmod(place, 0o777);
    const sessions = sessionsOf(stand, "/src/demo", { TMUX_TMPDIR: path.dirname(place) });
    await expectNothing(sessions, "unsafe permissions");
  });

  test(
    "because its server is stopped is not waited for, from without or from within",
    { timeout: 60_000 },
    async () => {
      const stand = await open();
      await sessionsOf(stand).start(asleep("agent-1"));
      const [socket = "", pid] = await stand
        .list("#{socket_path},#{pid}")
        .then(([line]) => line?.split(",") ?? []);
      process.kill(Number(pid), "SIGSTOP");
      try {
        for (const more of [{}, { TMUX: `${socket},${String(pid)},0`, TMUX_PANE: "%0" }])
          await expectNothing(sessionsOf(stand, "/src/demo", more, 500), "does not answer");
      } finally {
        process.kill(Number(pid), "SIGCONT");
      }
      expect(await sessionsOf(stand).list()).toHaveLength(1);
    },
  );
});

test("from inside tmux, attaching switches the user's terminal, where messages are shown as they are", async () => {
  const stand = await open("set -g base-index 1\nset -g status-keys vi");
  const outer = await open();
  await stand.tmux("new-session", "-d", "-s", "user", "-x", "90", "-y", "20", "sleep", "600");
  // A terminal of another server shows the user's session.
  const shown = [`TMUX_TMPDIR=${stand.dir}`, "tmux", "-u", "attach-session", "-t", "=user"];
  await outer.tmux("new-session", "-d", "-x", "100", "-y", "24", "env", "-u", "TMUX", ...shown);
  await waitFor(async () => (await stand.tmux("list-clients", "-t", "=user")) !== "" || undefined, {
    ...{ deadlineMs: 10_000, intervalMs: 20, what: "the terminal shows the session" },
  });
  const [socket, pane] = [await stand.tmux("display-message", "-p", "#{socket_path},#{pid},0"), "%0"];
  const sessions = sessionsOf(stand, "/src/demo", { TMUX: socket, TMUX_PANE: pane });
  await sessions.start(asleep("agent-1"));
  expect(await sessions.canAttach()).toBe(true);
  await sessions.attach("agent-1");
  expect(await stand.tmux("list-clients", "-F", "#{session_name}")).toBe("devkit-agent-1");
  expect((await sessions.list())[0]).toMatchObject({ attached: 1 });
  const text = "TSK-3 · 100%d #{pid} #(date) \u001b[31mgrün";
  expect(await sessions.message("agent-1", text)).toBe(1);
  await waitFor(
    async () =>
      (await outer.tmux("capture-pane", "-p")).includes("TSK-3 · 100%d #{pid} #(date) ·[31mgrün") ||
      undefined,
    { deadlineMs: 10_000, intervalMs: 50, what: "the message is shown" },
  );
});
