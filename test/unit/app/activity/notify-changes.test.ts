import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHostCommands } from "../../../../src/adapters/process/host-command.js";
import { createNotifier, type NotifyLimits } from "../../../../src/app/activity/notify-changes.js";
import type { AgentChange } from "../../../../src/app/activity/watch-agents.js";
import { waitFor } from "../../../../src/base/wait.js";
import type { ActivityState } from "../../../../src/domain/activity/activity.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { tempDir } from "../../support/temp.js";

let dir: string;
let warnings: string[];
let stop: AbortController;

beforeEach(async () => {
  [dir, warnings, stop] = [await tempDir(), [], new AbortController()];
});

afterEach(() => {
  stop.abort();
});

function notifier(command: string, limits: NotifyLimits = { everyMs: 1, runMs: 5000 }) {
  return createNotifier({
    ...{ command, limits, projectId: "demo-1", signal: stop.signal },
    runCommand: createHostCommands(dir, { PATH: process.env["PATH"], MINE: "mine" }),
    progress: { warn: (text) => void warnings.push(text) },
  });
}

const seen = (index: number, state: ActivityState, detail?: string) => ({
  agent: agentAt(index),
  container: "running" as const,
  activity: { state, since: undefined, detail, exitCode: state === "exited" ? 3 : undefined },
  task: state === "working" ? { id: "TSK-7", status: "in_progress" as const } : undefined,
});

/** What agent 1 was at, and is at. */
const change = (
  before: ActivityState | undefined,
  now: ActivityState | undefined,
  more: Partial<AgentChange> & { detail?: string } = {},
): AgentChange => ({
  ...{ at: new Date(), name: "agent-1", first: false },
  before: before === undefined ? undefined : seen(1, before),
  now: now === undefined ? undefined : seen(1, now, more.detail),
  ...more,
});

const lines = async () => (await readFile(path.join(dir, "out"), "utf8").catch(() => "")).split("\n");
const line = (count: number) =>
  waitFor(async () => ((await lines()).length > count ? (await lines())[count - 1] : undefined), {
    ...{ deadlineMs: 5000, what: `line ${String(count)}` },
  });
const warning = () => waitFor(() => Promise.resolve(warnings[0]), { deadlineMs: 5000, what: "a warning" });

const TELL =
  'echo "$DEVKIT_HOOK $DEVKIT_PROJECT $DEVKIT_AGENT $DEVKIT_AGENT_INDEX $DEVKIT_PREVIOUS>$DEVKIT_STATE [$DEVKIT_TASK] [$DEVKIT_DETAIL] [$DEVKIT_EXIT_CODE] $MINE" >> out';

describe("the user's command", () => {
  test("is told of changes by its environment, not of what there was at first", async () => {
    const tell = notifier(TELL);
    tell([change(undefined, "idle", { first: true })]);
    tell([change("idle", "working")]);
    expect(await line(1)).toBe("notify demo-1 agent-1 1 idle>working [TSK-7] [] [] mine");
    tell([change("working", "waiting", { detail: "$(touch pwned) `id`; '\"" })]);
    expect(await line(2)).toBe(
      "notify demo-1 agent-1 1 working>waiting [] [$(touch pwned) `id`; '\"] [] mine",
    );
    tell([change("waiting", "exited")]);
    expect(await line(3)).toBe("notify demo-1 agent-1 1 waiting>exited [] [] [3] mine");
    tell([change("exited", undefined)]);
    expect(await line(4)).toBe("notify demo-1 agent-1 1 exited>gone [] [] [] mine");
    expect(warnings).toEqual([]);
  });

  test("is not told when only the task or the words are others", async () => {
    const tell = notifier(TELL);
    tell([change("idle", "working"), change("working", "working", { detail: "more" })]);
    tell([change("working", "idle")]);
    expect(await line(2)).toContain("working>idle");
    expect((await lines()).filter(Boolean)).toHaveLength(2);
  });

  test("runs for one agent no more often than its limit says, with the last state, and for others meanwhile", async () => {
    const tell = notifier(TELL, { everyMs: 300, runMs: 5000 });
    tell([change("idle", "working")]);
    await line(1);
    for (let round = 0; round < 50; round++) {
      tell([change("working", "waiting")]);
      tell([change("waiting", "working")]);
    }
    tell([change("working", "waiting")]);
    tell([{ ...change(undefined, "working"), name: "agent-2", now: seen(2, "working") }]);
    expect(await line(2)).toContain("agent-2 2 >working");
    expect(await line(3)).toContain("agent-1 1 working>waiting");
    expect((await lines()).filter(Boolean)).toHaveLength(3);
  });

  test("that fails is a warning with its last words, and runs again at the next change", async () => {
    const tell = notifier("echo 'no \u001b[31mdisplay' >&2; exit 4");
    tell([change("idle", "working")]);
    expect(await warning()).toBe(
      "the command of [agent] notify ended with exit code 4 (agent-1 is working): no ·[31mdisplay",
    );
  });

  test("that takes too long is ended, with what it started", async () => {
    const tell = notifier("sleep 100 & sleep 100; echo late >> out", { everyMs: 1, runMs: 200 });
    tell([change("idle", "working")]);
    expect(await warning()).toBe(
      "the command of [agent] notify took longer than 0.2 seconds (agent-1 is working)",
    );
    expect(await lines()).toEqual([""]);
  });

  test("is ended without a word when the watching ends", async () => {
    const tell = notifier("echo begun >> out; sleep 100");
    tell([change("idle", "working")]);
    await line(1);
    stop.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });
});
