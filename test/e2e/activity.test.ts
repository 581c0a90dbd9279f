import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../src/base/wait.js";
import { killLeftProcesses, startDevkit, type LiveProcess } from "../support/live-process.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;
const NOTIFY = 'echo "$DEVKIT_AGENT $DEVKIT_PREVIOUS>$DEVKIT_STATE $DEVKIT_DETAIL" >> told';

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  await writeFile(path.join(box.repo, "devkit.toml"), `[agent]\nnotify = '${NOTIFY}'\n`);
  expect(await box.devkit("trust", "--yes")).toMatchObject({ exitCode: 0 });
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
});

afterAll(async () => {
  killLeftProcesses();
  await box.remove();
});

interface Change {
  readonly name: string;
  readonly container: string;
  readonly previous: string | null;
  readonly activity: {
    readonly state: string;
    readonly detail: string | null;
    readonly exitCode: number | null;
  };
}

function watch(): { live: LiveProcess; next(): Promise<Change> } {
  const live = startDevkit(box, ["--json", "agent", "list", "--watch"]);
  const lines = createInterface({ input: live.stdout })[Symbol.asyncIterator]();
  return { live, next: async () => JSON.parse((await lines.next()).value as string) as Change };
}

describe("what agents are at", () => {
  test("is what they say themselves, each for itself, and what became of their containers", async () => {
    const { live, next } = watch();
    expect([await next(), await next()]).toMatchObject([
      { name: "agent-1", previous: null, container: "running", activity: { state: "idle" } },
      { name: "agent-2", previous: null, activity: { state: "idle" } },
    ]);
    const say = (...words: string[]) => box.devkit("exec", "1", "--", "devkit", "event", ...words);
    expect(await say("waiting", "--detail", "asks for a decision")).toMatchObject({
      exitCode: 0,
      stdout: "",
    });
    expect(await next()).toMatchObject({
      ...{ name: "agent-1", previous: "idle" },
      activity: { state: "waiting", detail: "asks for a decision" },
    });
    const { agents } = (await box.json("agent", "list")).data as { agents: Change[] };
    expect(agents.map(({ activity }) => activity.state)).toEqual(["waiting", "idle"]);
    expect((await box.devkit("agent", "status", "1")).stdout).toMatch(
      /activity {3}waiting since \S+: asks for a decision/,
    );
    expect((await say("done")).exitCode).toBe(2);
    expect(await box.devkit("agent", "down", "1")).toMatchObject({ exitCode: 0 });
    expect(await next()).toMatchObject({ name: "agent-1", activity: { state: "stopped" } });
    expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
    // What it said before it was stopped counts no more.
    expect(await next()).toMatchObject({ name: "agent-1", activity: { state: "idle" } });
    live.kill("SIGINT");
    expect(await live.ended).toEqual({ code: 0, signal: null });
    const told = () => readFile(path.join(box.repo, "told"), "utf8").catch(() => "");
    expect((await told()).split("\n")[0]).toBe("agent-1 idle>waiting asks for a decision");
  });

  test("is looked at only when something happens", async () => {
    const { live, next } = watch();
    await next();
    await next();
    const read = async () => {
      const before = await live.readBytes();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return (await live.readBytes()) - before;
    };
    const isQuiet = async () => ((await read()) === 0 ? true : undefined);
    await waitFor(isQuiet, { deadlineMs: 10_000, what: "a second without anything to do" });
    live.kill("SIGINT");
    await live.ended;
  });
});
