import { expect, test } from "vitest";
import type { WindowRequest } from "../../src/app/ports-sessions.js";
import { waitFor } from "../../src/base/wait.js";
import { sessionsOf } from "../support/tmux-stand.js";
import { tmuxStands } from "../support/tmux-stands.js";

/** Sessions with many windows. */
const open = tmuxStands();

const window = (key: string, more: Partial<WindowRequest> = {}): WindowRequest => ({
  ...{ key, cwd: "/", argv: ["sleep", "600"], title: `${key} · main`, keep: "failure", ...more },
});

test("gets the windows that are missing, once, wherever the user has put or named the others", async () => {
  const stand = await open("set -g base-index 1\nset -g renumber-windows on");
  const sessions = sessionsOf(stand);
  const wanted = [window("agent-1"), window("agent-2"), window("agent-10")];
  const all = await Promise.all([1, 2, 3, 4].map(() => sessionsOf(stand).open("devkit-shells", wanted)));
  expect(all.flatMap(({ opened }) => opened).sort()).toEqual(["agent-1", "agent-10", "agent-2"]);
  await stand.tmux("rename-window", "-t", "=devkit-shells:1", "mine");
  await stand.tmux("move-window", "-s", "=devkit-shells:1", "-t", "=devkit-shells:7");
  await stand.tmux("kill-window", "-t", "=devkit-shells:2");
  const next = wanted.map((one) => ({ ...one, title: `${one.key} · tsk-1` }));
  expect(await sessions.open("devkit-shells", next)).toEqual({
    session: "devkit-shells",
    opened: ["agent-2"],
  });
  expect((await stand.list("#{window_name}")).sort()).toEqual([
    "agent-10 · tsk-1",
    "agent-2 · tsk-1",
    "mine",
  ]);
  expect(await sessionsOf(stand, "/src/other").open("devkit-shells", [window("agent-1")])).toEqual({
    ...{ session: "devkit-other-shells", opened: ["agent-1"] },
  });
  expect(await sessions.list()).toEqual([]);
});

test("a shell that is left takes its window along, whenever tmux learns of its end", async () => {
  const stand = await open();
  const sessions = sessionsOf(stand);
  await sessions.open("team", [window("stays")]);
  // Of one in two that end as the last, tmux 3.3a does not learn that they did.
  for (let round = 0; round < 10; round += 1) {
    await sessions.open("team", [window("left", { argv: ["sh", "-c", "read line; exit 1"] })]);
    await stand.tmux("send-keys", "-t", "=team:{end}", "Enter");
    await waitFor(async () => (await stand.list("#{window_name}")).length === 1 || undefined, {
      ...{ deadlineMs: 10_000, intervalMs: 20, what: `window ${String(round)} to close` },
    });
  }
});

test("what could not run says why and is tried again", async () => {
  const stand = await open();
  const sessions = sessionsOf(stand);
  const exits = (code: number) => ({ argv: ["sh", "-c", `exit ${String(code)}`] as const });
  const tests = window("tests", { ...exits(2), keep: "always" });
  const wanted = [window("stays"), window("left", exits(1)), window("failed", exits(125)), tests];
  await sessions.open("team", wanted);
  const dead = ["failed · main 1 125", "stays · main 0 ", "tests · main 1 2"];
  const list = async () => {
    // With the end of a child, tmux takes in those that it has missed.
    await stand.tmux("run-shell", ":");
    return (await stand.list("#{window_name} #{pane_dead} #{pane_dead_status}")).sort();
  };
  await waitFor(async () => (await list()).join() === dead.join() || undefined, {
    ...{ deadlineMs: 10_000, intervalMs: 20, what: dead.join() },
  });
  const { opened } = await sessions.open("team", [window("stays"), window("failed"), window("left"), tests]);
  expect(opened).toEqual(["failed", "left"]);
  expect(await list()).toEqual(["failed · main 0 ", "left · main 0 ", "stays · main 0 ", "tests · main 1 2"]);
});
