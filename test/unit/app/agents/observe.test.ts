import { describe, expect, test } from "vitest";
import { findContainer, observe, observePresent } from "../../../../src/app/agents/observe.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { containerName, LABELS } from "../../../../src/domain/identity/names.js";
import { createWorld, type World } from "../../fakes/world.js";
import { PROJECT, specOf } from "../../support/things.js";

/** Brings an agent as far as told. */
async function make(world: World, index: number, ...parts: ("worktree" | "home" | "git" | "container")[]) {
  const agent = agentAt(index);
  if (parts.includes("worktree")) {
    world.git.registered.set(world.worktreeOf(agent), `agent/${agent.name}/idle`);
    world.git.files.set(world.worktreeOf(agent), { directory: "files", linked: true, checkedOut: true });
  }
  if (parts.includes("home")) world.state.homes.add(agent.name);
  if (parts.includes("git")) world.state.gits.set(agent.name, undefined);
  if (parts.includes("container")) await world.engine.createContainer(specOf(agent));
}

const names = (found: readonly { agent: { name: string } }[]) => found.map(({ agent }) => agent.name);

describe("what there is", () => {
  test("is found wherever an agent left a trace, in numeric order, each once", async () => {
    const world = createWorld();
    await make(world, 10, "container");
    await make(world, 2, "worktree", "home", "git", "container");
    await make(world, 9, "home");
    expect(names(await observe(world.deps))).toEqual(["agent-2", "agent-9", "agent-10"]);
    expect(names(await observe(world.deps, [1, 2, 3]))).toEqual([
      "agent-1",
      "agent-2",
      "agent-3",
      "agent-9",
      "agent-10",
    ]);
  });

  test("of a whole agent", async () => {
    const world = createWorld();
    await make(world, 1, "worktree", "home", "git", "container");
    const [found] = await observe(world.deps);
    expect(found).toMatchObject({
      agent: agentAt(1),
      worktree: {
        registered: true,
        branch: "agent/agent-1/idle",
        directory: "files",
        linked: true,
        checkedOut: true,
      },
      state: { home: true, git: true, runtime: "container" },
      container: { state: "created", name: containerName(PROJECT, agentAt(1)) },
    });
  });

  test("of an agent that was only asked for", async () => {
    const [found] = await observe(createWorld().deps, [3]);
    expect(found).toEqual({
      agent: agentAt(3),
      worktree: {
        registered: false,
        branch: undefined,
        directory: "absent",
        linked: false,
        checkedOut: false,
      },
      state: { home: false, git: false, runtime: "container" },
      container: undefined,
    });
  });

  test("does not count as an agent when only a home is left of it", async () => {
    const world = createWorld();
    await make(world, 1, "home");
    await make(world, 2, "git");
    await make(world, 3, "worktree");
    expect(names(await observePresent(world.deps))).toEqual(["agent-2", "agent-3"]);
  });

  test("does not include other projects' containers, nor ones with labels that name no agent", async () => {
    const world = createWorld();
    const labels = { ...specOf(agentAt(1)).labels };
    await world.engine.createContainer({
      ...specOf(agentAt(1)),
      name: "other",
      labels: { ...labels, [LABELS.project]: "another-project" },
    });
    await world.engine.createContainer({
      ...specOf(agentAt(1)),
      name: "odd",
      labels: { ...labels, [LABELS.agent]: "../evil" },
    });
    expect(await observe(world.deps)).toEqual([]);
  });
});

describe("an agent's container", () => {
  const labelled = (name: string, id: string) => ({
    id,
    name,
    state: "running" as const,
    statusText: "",
    configHash: undefined,
    config: undefined,
    projectId: PROJECT.id,
    agentName: "agent-1",
    root: undefined,
    networks: new Map(),
  });

  test("is the one of its name, when somebody made a copy with its labels", () => {
    const own = labelled(containerName(PROJECT, agentAt(1)), "own");
    const copy = labelled("copy", "copy");
    expect(findContainer(PROJECT, [copy, own], agentAt(1))?.id).toBe("own");
    expect(findContainer(PROJECT, [copy], agentAt(1))?.id).toBe("copy");
    expect(findContainer(PROJECT, [own], agentAt(10))).toBeUndefined();
  });
});
