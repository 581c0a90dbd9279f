import { describe, expect, test } from "vitest";
import { executePlan, type Handlers } from "../../../../src/app/agents/execute.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { chain, type Operation, type OperationKind } from "../../../../src/domain/agents/plan.js";
import { createFakeProgress } from "../../fakes/progress.js";

const ALL: readonly OperationKind[] = [
  "worktree.add",
  "worktree.checkout",
  "container.create",
  "container.start",
];

const steps = (index: number, kinds: readonly OperationKind[] = ALL): Operation[] =>
  chain(
    agentAt(index),
    kinds.map((kind) => ({ kind, cause: "test" })),
  );

type Work = (operation: Operation) => Promise<void> | void;

/** The same work for every kind of operation. */
function handle(work: Work): Handlers {
  const kinds: OperationKind[] = [
    "git.sync",
    "worktree.add",
    "worktree.adopt",
    "worktree.repair",
    "worktree.checkout",
    "worktree.reindex",
    "state.create",
    "git.create",
    "container.remove",
    "container.create",
    "container.start",
    "container.stop",
  ];
  const handler = async (operation: Operation) => {
    await work(operation);
  };
  return Object.fromEntries(kinds.map((kind) => [kind, handler])) as unknown as Handlers;
}

function run(
  operations: Operation[],
  work: Work,
  options: { signal?: AbortSignal; engine?: number; git?: number } = {},
) {
  const progress = createFakeProgress();
  const outcomes = executePlan(
    { operations },
    {
      handlers: handle(work),
      progress,
      signal: options.signal ?? new AbortController().signal,
      engineConcurrency: options.engine ?? 8,
      gitConcurrency: options.git ?? 8,
    },
  );
  return { outcomes, progress };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("executing a plan", () => {
  test("runs each agent's steps one after the other, agents side by side", async () => {
    const log: string[] = [];
    const { outcomes } = run([...steps(1), ...steps(2)], async ({ id }) => {
      log.push(`> ${id}`);
      await settle();
      log.push(`< ${id}`);
    });
    const found = await outcomes;
    expect(found.map(({ agent, done, error }) => [agent.name, done.length, error])).toEqual([
      ["agent-1", 4, undefined],
      ["agent-2", 4, undefined],
    ]);
    for (const index of [1, 2]) {
      const own = log.filter((line) => line.includes(`agent-${String(index)}/`));
      expect(own).toEqual(steps(index).flatMap(({ id }) => [`> ${id}`, `< ${id}`]));
    }
    expect(log.slice(0, 2)).toEqual(["> agent-1/worktree.add", "> agent-2/worktree.add"]);
  });

  test("of nothing is nothing", async () => {
    const { outcomes, progress } = run([], () => undefined);
    expect(await outcomes).toEqual([]);
    expect(progress.started).toEqual([]);
  });

  test("never does more of a kind at once than it may: engine and git apart", async () => {
    const now = { engine: 0, git: 0 };
    const most = { engine: 0, git: 0, both: 0 };
    const operations = Array.from({ length: 12 }, (_, position) => steps(position + 1)).flat();
    const { outcomes } = run(
      operations,
      async ({ kind }) => {
        const which = kind.startsWith("container.") ? "engine" : "git";
        now[which] += 1;
        most[which] = Math.max(most[which], now[which]);
        most.both = Math.max(most.both, now.engine + now.git);
        await settle();
        now[which] -= 1;
      },
      { engine: 3, git: 2 },
    );
    await outcomes;
    expect(most).toEqual({ engine: 3, git: 2, both: 5 });
  });

  test("an agent whose step waits does not hold a place that another could use", async () => {
    const log: string[] = [];
    let release: (() => void) | undefined;
    const { outcomes } = run(
      [...steps(1), ...steps(2)],
      ({ id }) => {
        log.push(id);
        return id === "agent-1/worktree.add"
          ? new Promise<void>((resolve) => (release = resolve))
          : undefined;
      },
      { git: 2, engine: 1 },
    );
    while (!log.includes("agent-2/container.start")) await settle();
    expect(log).not.toContain("agent-1/worktree.checkout");
    release?.();
    expect((await outcomes).map(({ done }) => done.length)).toEqual([4, 4]);
  });
});

describe("a step that fails", () => {
  const failing = (id: string, error: unknown) => (operation: Operation) =>
    operation.id === id ? Promise.reject(error) : undefined;

  test("leaves out what waits for it, and the other agents go on", async () => {
    const error = new DevkitError("E_GIT", "broken");
    const { outcomes, progress } = run(
      [...steps(1), ...steps(2)],
      failing("agent-1/worktree.checkout", error),
    );
    const [first, second] = await outcomes;
    expect(first?.done.map(({ kind }) => kind)).toEqual(["worktree.add"]);
    expect(first?.error).toBe(error);
    expect(second?.done).toHaveLength(4);
    expect(second?.error).toBeUndefined();
    expect(progress.failed).toEqual(["agent-1: broken"]);
    expect(progress.done).toHaveLength(1);
  });

  test("that is no error of ours is a defect, and does not stop the others either", async () => {
    const { outcomes } = run(
      [...steps(1), ...steps(2)],
      failing("agent-2/container.start", new TypeError("oops")),
    );
    const [first, second] = await outcomes;
    expect(first?.error).toBeUndefined();
    expect(second?.error?.code).toBe("E_BUG");
  });

  test("at once, before it waits for anything, is a failure of that agent alone", async () => {
    const { outcomes } = run([...steps(1), ...steps(2)], ({ id }) => {
      if (id === "agent-1/worktree.add") throw new DevkitError("E_GIT", "at once");
    });
    expect((await outcomes).map(({ error }) => error?.message)).toEqual(["at once", undefined]);
  });

  test("in all agents leaves no place of the limits taken", async () => {
    const operations = Array.from({ length: 6 }, (_, position) => steps(position + 1)).flat();
    const { outcomes } = run(operations, () => Promise.reject(new DevkitError("E_GIT", "all")), { git: 1 });
    expect((await outcomes).filter(({ error }) => error?.code === "E_GIT")).toHaveLength(6);
  });
});

describe("an interruption", () => {
  test("lets what runs finish, starts nothing more, and is each unfinished agent's reason", async () => {
    const controller = new AbortController();
    const reason = new DevkitError("E_INTERRUPTED", "interrupted");
    const log: string[] = [];
    const { outcomes } = run(
      [...steps(1), ...steps(2), ...steps(3, ["container.stop"])],
      async ({ id }) => {
        if (id === "agent-2/worktree.checkout") controller.abort(reason);
        await settle();
        log.push(id);
      },
      { signal: controller.signal },
    );
    const found = await outcomes;
    expect(found.map(({ error }) => error)).toEqual([reason, reason, undefined]);
    expect(log).toContain("agent-2/worktree.checkout");
    expect(log.filter((id) => /container\.(create|start)/.test(id))).toEqual([]);
  });

  test("before anything began begins nothing", async () => {
    const reason = new DevkitError("E_TERMINATED", "ended");
    const { outcomes } = run([...steps(1), ...steps(2)], () => expect.fail("began"), {
      signal: AbortSignal.abort(reason),
    });
    expect((await outcomes).map(({ error, done }) => [error, done])).toEqual([
      [reason, []],
      [reason, []],
    ]);
  });
});

describe("the last line about an agent", () => {
  const said = async (kinds: readonly OperationKind[]) => {
    const { outcomes, progress } = run(steps(1, kinds), () => undefined);
    await outcomes;
    return progress.done[0];
  };

  test("is that it is new, that it runs again and why, or that it stopped", async () => {
    const whole: OperationKind[] = ["worktree.add", "state.create", "git.create", "container.create"];
    expect(await said(whole)).toBe("agent-1: created and running");
    expect(await said(["git.sync", "container.stop"])).toBe("agent-1: stopped");
    expect(await said(["container.start"])).toBe("agent-1: running again: test");
  });
});
