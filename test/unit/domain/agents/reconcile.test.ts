import { formatSize } from "../../../../src/base/sizes.js";
import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import {
  isPresent,
  type ObservedAgent,
  type ObservedContainer,
} from "../../../../src/domain/agents/observed.js";
import type { Plan } from "../../../../src/domain/agents/plan.js";
import { reconcileDown, reconcileUp } from "../../../../src/domain/agents/reconcile.js";
import {
  absentAgent,
  NO_NETWORK,
  NO_PORTS,
  runningContainer,
  specOf,
  wholeAgent,
  wholeNetwork,
} from "../../support/things.js";

const AGENT = agentAt(1);
const WHOLE = wholeAgent(1);

const up = (...observed: ObservedAgent[]) =>
  reconcileUp(
    observed.map((one) => ({
      observed: one,
      spec: specOf(one.agent),
      network: isPresent(one) ? wholeNetwork(one.agent) : NO_NETWORK,
      ports: NO_PORTS,
    })),
  );

const steps = (plan: Plan) => plan.operations.map(({ kind, cause }) => [kind, cause]);

const withWorktree = (worktree: Partial<ObservedAgent["worktree"]>, more: Partial<ObservedAgent> = {}) => ({
  ...WHOLE,
  worktree: { ...WHOLE.worktree, ...worktree },
  ...more,
});

const withContainer = (container: Partial<ObservedContainer>): ObservedAgent => ({
  ...WHOLE,
  container: { ...runningContainer(AGENT), ...container },
});

/** Every start of a container is followed by the filter, which went with the stop. */
const SEALED = ["network.seal", "its container has just been started"];

const FRESH_CONTAINER = [
  ["container.create", "it has no container"],
  ["container.start", "it is new"],
  SEALED,
];

const NEW_NETWORK = [
  ["network.create", "it has no network"],
  ["network.attach", "its network is new"],
];

describe("agent up", () => {
  test.each<[string, ObservedAgent, string[][]]>([
    ["is as it should be", WHOLE, []],
    [
      "does not exist",
      absentAgent(1),
      [
        ...NEW_NETWORK,
        ["worktree.add", "it has no worktree"],
        ["worktree.checkout", "the worktree is new"],
        ["state.create", "it has no home"],
        ["git.create", "it has no private git dir"],
        ...FRESH_CONTAINER,
      ],
    ],
    ["has no container", { ...WHOLE, container: undefined }, FRESH_CONTAINER],
    [
      "has a new container",
      withContainer({ state: "created" }),
      [["container.start", "its container is created"], SEALED],
    ],
    [
      "was stopped",
      withContainer({ state: "exited" }),
      [["container.start", "its container is exited"], SEALED],
    ],
    [
      "was paused",
      withContainer({ state: "paused" }),
      [["container.start", "its container is paused"], SEALED],
    ],
    [
      "has a dead container",
      withContainer({ state: "dead" }),
      [
        ["container.remove", "its container is dead"],
        ["container.create", "its old one was removed"],
        ["container.start", "it is new"],
        SEALED,
      ],
    ],
    [
      "lost its worktree, the container was stopped",
      withWorktree(
        { directory: "absent", linked: false },
        { container: { ...runningContainer(AGENT), state: "exited" } },
      ),
      [
        ["git.sync", "before the worktree is restored"],
        ["worktree.add", "its directory was deleted"],
        ["worktree.checkout", "the worktree is new"],
        ["container.start", "its container is exited"],
        SEALED,
      ],
    ],
    [
      "lost its worktree before it had a private git dir",
      withWorktree(
        { directory: "absent", linked: false },
        { state: { home: true, git: false, runtime: "container" }, container: undefined },
      ),
      [
        ["worktree.add", "its directory was deleted"],
        ["worktree.checkout", "the worktree is new"],
        ["git.create", "it has no private git dir"],
        ...FRESH_CONTAINER,
      ],
    ],
    [
      "was cut off before the checkout",
      withWorktree({ directory: "empty", checkedOut: false }, { container: undefined }),
      [["worktree.checkout", "its checkout was not finished"], ...FRESH_CONTAINER],
    ],
    [
      "was cut off in its first checkout",
      withWorktree(
        { checkedOut: false },
        { state: { home: false, git: false, runtime: "container" }, container: undefined },
      ),
      [
        ["worktree.checkout", "its checkout was not finished"],
        ["state.create", "it has no home"],
        ["git.create", "it has no private git dir"],
        ...FRESH_CONTAINER,
      ],
    ],
    [
      "has worked, and lost the host's index",
      withWorktree({ checkedOut: false }, { container: undefined }),
      [["worktree.reindex", "its index is gone"], ...FRESH_CONTAINER],
    ],
    [
      "was killed while its files were checked out again",
      withWorktree({ checkedOut: false, unfinished: true }, { container: undefined }),
      [["worktree.checkout", "its checkout was not finished"], ...FRESH_CONTAINER],
    ],
    [
      "lost its private git dir while running",
      { ...WHOLE, state: { home: true, git: false, runtime: "container" } },
      [
        ["container.stop", "what it mounts is made anew: it has no private git dir"],
        ["git.create", "it has no private git dir"],
        ["container.start", "it was stopped for that"],
        SEALED,
      ],
    ],
    [
      "has files that git has forgotten",
      withWorktree({ registered: false, linked: false, checkedOut: false }, { container: undefined }),
      [
        ["git.sync", "before the worktree is restored"],
        ["worktree.adopt", "its directory is not registered with git"],
        ...FRESH_CONTAINER,
      ],
    ],
    [
      "has files but no .git file",
      withWorktree({ linked: false }, { container: undefined }),
      [["worktree.repair", "its .git file is gone"], ...FRESH_CONTAINER],
    ],
    [
      "lost its home while stopped",
      { ...withContainer({ state: "exited" }), state: { home: false, git: true, runtime: "container" } },
      [["state.create", "it has no home"], ["container.start", "its container is exited"], SEALED],
    ],
    ["has emptied its worktree itself", withWorktree({ directory: "empty" }), []],
  ])("an agent that %s", (_, observed, expected) => {
    expect(steps(up(observed))).toEqual(expected);
  });

  test("says which setting changed when it replaces a container", () => {
    const small = specOf(AGENT, { memory: 2 * 1024 ** 3 });
    const observed = { ...WHOLE, container: runningContainer(AGENT, small) };
    const { memory } = specOf(AGENT).limits;
    const cause = `memory changed from 2.0 GiB to ${formatSize(memory)}`;
    expect(steps(up(observed))).toEqual([
      ["container.remove", cause],
      ["container.create", "its old one was removed"],
      ["container.start", "it is new"],
      SEALED,
    ]);
  });

  test("replaces a container whose settings were recorded by nobody", () => {
    const observed = withContainer({ configHash: undefined, config: "not json" });
    expect(steps(up(observed)).map(([kind]) => kind)).toEqual([
      "container.remove",
      "container.create",
      "container.start",
      "network.seal",
    ]);
  });

  test("lists agents in the order asked, each chained for itself", () => {
    const plan = up(absentAgent(2), WHOLE, { ...wholeAgent(10), container: undefined });
    expect(plan.operations.map(({ id, after }) => [id, after])).toEqual([
      ["agent-2/network.create", []],
      ["agent-2/network.attach", ["agent-2/network.create"]],
      ["agent-2/worktree.add", []],
      ["agent-2/worktree.checkout", ["agent-2/worktree.add"]],
      ["agent-2/state.create", ["agent-2/worktree.checkout"]],
      ["agent-2/git.create", ["agent-2/state.create"]],
      ["agent-2/container.create", ["agent-2/git.create", "agent-2/network.attach"]],
      ["agent-2/container.start", ["agent-2/container.create"]],
      ["agent-2/network.seal", ["agent-2/container.start"]],
      ["agent-10/container.create", []],
      ["agent-10/container.start", ["agent-10/container.create"]],
      ["agent-10/network.seal", ["agent-10/container.start"]],
    ]);
  });
});

describe("agent down", () => {
  const down = (...observed: ObservedAgent[]) => steps(reconcileDown(observed));

  test.each(["running", "paused", "restarting"] as const)("brings commits home, then stops: %s", (state) => {
    expect(down(withContainer({ state }))).toEqual([
      ["git.sync", "before it stops"],
      ["container.stop", `is ${state}`],
    ]);
  });

  test.each(["created", "exited", "dead", "removing"] as const)(
    "leaves alone what does not run: %s",
    (state) => {
      expect(down(withContainer({ state }))).toEqual([]);
    },
  );

  test("leaves alone what has no container", () => {
    expect(down({ ...WHOLE, container: undefined }, absentAgent(2))).toEqual([]);
  });

  test("does not sync what the host does not know or what has no git dir", () => {
    const expected = [["container.stop", "is running"]];
    expect(down(withWorktree({ registered: false }))).toEqual(expected);
    expect(down({ ...WHOLE, state: { home: true, git: false, runtime: "container" } })).toEqual(expected);
  });

  test("waits for the sync", () => {
    expect(reconcileDown([WHOLE]).operations.map(({ after }) => after)).toEqual([[], ["agent-1/git.sync"]]);
  });
});
