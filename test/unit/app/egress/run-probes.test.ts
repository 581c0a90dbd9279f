import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import { requireNoLeak } from "../../../../src/app/egress/require-no-leak.js";
import { requireProbeable, runProbes } from "../../../../src/app/egress/run-probes.js";
import type { EgressStore } from "../../../../src/app/ports-egress.js";
import type { Host, ProjectDeps } from "../../../../src/app/ports.js";
import { isDevkitError } from "../../../../src/base/errors.js";
import { agentAt, type AgentRef } from "../../../../src/domain/agents/agent.js";
import { containerSpec } from "../../../../src/domain/agents/container-spec.js";
import { egressSpec, networkLabels } from "../../../../src/domain/egress/egress-spec.js";
import { slotOf, type Slot } from "../../../../src/domain/egress/subnets.js";
import { EGRESS_DOCKERFILE, egressTag } from "../../../../src/domain/images/recipe.js";
import { networkName, outwardName } from "../../../../src/domain/identity/names.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createFakeEngine, type FakeEngine } from "../../fakes/engine.js";
import { createFakeGit } from "../../fakes/git.js";
import { createFakeState } from "../../fakes/state.js";
import { createFakeProgress, type FakeProgress } from "../../fakes/progress.js";
import { IMAGE_ID, PROJECT } from "../../support/things.js";

const USER = { uid: 1000, gid: 1000 };
const FILES = new Map([[EGRESS_DOCKERFILE, "FROM x"]]);
const BASE = { id: `sha256:${"b".repeat(64)}`, env: [], architecture: "amd64", sizeBytes: 1 };
const { signal } = new AbortController();

const HOST = {
  user: USER,
  env: {},
  version: "0.1.0",
  dockerDir: "/docker",
  extraCertificates: () => Promise.resolve([]),
  imageFiles: () => Promise.resolve(FILES),
} as unknown as Host;

let engine: FakeEngine;
let progress: FakeProgress;
let deps: ProjectDeps;
/** What the program in the agent's network answers, by what it is told; a line of its own for each. */
let answer: (words: readonly string[]) => string;
/** What it was told, and what the agent's shell finds. */
let told: string[];
let sockets: string;
let exitCode: number;

const healthy = ([kind, target]: readonly string[]) => {
  if (kind === "proxy") return "answered\tproxy\tHTTP/1.0 403 Filtered";
  if (kind === "dns" && target !== "1.1.1.1" && target !== "8.8.8.8")
    return "answered\tns\tNXDOMAIN 0 answers 0 authority";
  return `silent\t${target ?? ""}`;
};

beforeEach(async () => {
  [answer, told, sockets, exitCode] = [healthy, [], "", 0];
  progress = createFakeProgress();
  engine = createFakeEngine({
    run: async (_spec, request, streams) => {
      if (request.argv[0] !== "perl") {
        streams.stdout.write(sockets);
        return 0;
      }
      const lines = (await text(streams.stdin as NodeJS.ReadableStream)).split("\n").slice(0, -1);
      told.push(...lines);
      const tried = lines.filter((line) => !line.startsWith("here\t"));
      for (const line of tried) {
        const [id = "", ...words] = line.split("\t");
        streams.stdout.write(`${id}\t${answer(words)}\n`);
      }
      streams.stdout.write(`done\t${String(tried.length)}\n`);
      return exitCode;
    },
  });
  engine.images.set(DEFAULT_SETTINGS.image.base, BASE);
  engine.images.set(egressTag({ baseId: BASE.id, files: FILES, certificates: [] }), {
    ...BASE,
    id: IMAGE_ID,
  });
  const egress: Partial<EgressStore> = {
    loadMemory: () => Promise.resolve({ entries: [], private: [], profiles: new Map() }),
    loadRules: () => Promise.resolve([]),
    addresses: () => ["192.0.2.2"],
  };
  const git = createFakeGit(() => undefined);
  const state = createFakeState(
    () => undefined,
    () => [],
  );
  deps = {
    project: PROJECT,
    engine,
    egress,
    progress,
    state,
    worktrees: git.worktrees,
  } as unknown as ProjectDeps;
  await bringUp([agentAt(1), agentAt(2)]);
});

/** Agents on networks of their own, and the egress that serves them. */
async function bringUp(agents: readonly AgentRef[]): Promise<void> {
  const common = { project: PROJECT, imageId: IMAGE_ID, user: USER, version: "0.1.0" };
  const network = async (name: string, subnet: string, owner: AgentRef | undefined) =>
    (await engine.createNetwork({
      ...{ name, subnet, internal: owner !== undefined, labels: networkLabels(PROJECT, owner, "0.1.0") },
    })) ?? "";
  await network(outwardName(PROJECT, undefined), "10.213.1.0/29", undefined);
  const egress = await engine.createContainer(egressSpec({ ...common, owner: undefined }));
  await engine.startContainer(egress);
  for (const agent of agents) {
    const slot = placeOf(agent);
    const id = await network(networkName(PROJECT, agent), slot.subnet, agent);
    await engine.attach(id, egress, { address: slot.egress, aliases: [] });
    const settings = DEFAULT_SETTINGS;
    const spec = containerSpec({ ...common, agent, settings, slot, objectDirs: [] });
    await engine.startContainer(await engine.createContainer(spec));
  }
}

function placeOf({ index }: AgentRef): Slot {
  const slot = slotOf(
    { base: (10 << 24) + (213 << 16), prefix: 16 },
    `10.213.0.${String((index - 1) * 8)}/29`,
  );
  if (slot === undefined) throw new Error("no slot");
  return slot;
}

const containerOf = (name: string) =>
  [...engine.containers.values()].find(({ spec }) => spec.name.endsWith(name));
const run = async (...selectors: string[]) => {
  const agents = await requireProbeable(deps, selectors);
  return runProbes(deps, { agents, settings: DEFAULT_SETTINGS, host: HOST, signal });
};
const failureOf = async (...selectors: string[]) => {
  try {
    requireNoLeak(await run(...selectors));
  } catch (error) {
    if (isDevkitError(error)) return error;
    throw error;
  }
  return undefined;
};

describe("the probes", () => {
  test("find nothing where nothing gets through, and begin with the agent's own address", async () => {
    const { agents } = requireNoLeak(await run());
    expect(agents.map(({ name, egress }) => [name, egress])).toEqual([
      ["agent-1", "running"],
      ["agent-2", "running"],
    ]);
    expect(told.filter((line) => line.startsWith("here\t")).sort()).toEqual([
      "here\t10.213.0.11",
      "here\t10.213.0.3",
    ]);
    expect(progress.warnings).toEqual([]);
  });

  test("know the gateway, the host and the other agents", async () => {
    const ids = (await run("1"))[0]?.results.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(["gateway", "host-192.0.2.2", "agent-2-10.213.0.11", "egress-10.213.0.10"]),
    );
    expect(told).toContainEqual(expect.stringContaining("\ttcp\t10.213.0.1\t2375"));
    expect(told).not.toContainEqual(expect.stringContaining("\ttcp\t10.213.0.2\t"));
  });

  test("name what gets through, and from where", async () => {
    answer = (words) => (words[1] === "10.213.0.1" ? "refused\t10.213.0.1:22\tno" : healthy(words));
    const error = await failureOf();
    expect(error).toMatchObject({ code: "E_EGRESS_LEAK", exitCode: 1 });
    expect(error?.message).toBe(
      "1 leak: agent-1: gateway (the gateway of its network): refused, so packets arrive: 10.213.0.1:22",
    );
  });

  test("name many by their names, and each on a line of its own", async () => {
    answer = (words) => (words[0] === "tcp" ? `open\t${words[1] ?? ""}` : healthy(words));
    sockets = "/run/docker.sock\n";
    const error = await failureOf("1");
    expect(error?.message).toMatch(
      /^\d+ leaks \(agent-1: outside-tcp, outside-ipv6, metadata, gateway, .* and \d more\)$/,
    );
    expect(error?.details["failed"]).toContainEqual({
      agent: "agent-1",
      code: "engine-socket",
      message: "engine-socket (the engine's socket inside the agent): it has /run/docker.sock",
    });
  });

  test("see an agent on a network that is not its own without a packet", async () => {
    const other = [...engine.networks.values()].find(({ spec }) => spec.name.endsWith("agent-2"));
    await engine.attach(other?.id ?? "", containerOf("agent-1")?.id ?? "", {
      address: "10.213.0.12",
      aliases: [],
    });
    const leaks = (await run()).map(({ results }) => results.filter(({ verdict }) => verdict === "leaked"));
    expect(leaks).toMatchObject([
      [{ id: "networks", detail: `it is on the network ${other?.spec.name ?? ""}` }],
      [{ id: "networks", detail: "agent-1 is on its network" }],
    ]);
  });

  test.each([
    ["that fails", () => (exitCode = 2)],
    ["that ends in the middle", () => (answer = () => "silent\tx\n")],
  ])("a program %s proves nothing", async (_, plant) => {
    plant();
    await expect(run("1")).rejects.toMatchObject({ code: "E_EGRESS" });
  });
});

describe("an egress container that does nothing is no leak, and is told of", () => {
  test("when it is down", async () => {
    await engine.stopContainer(containerOf("egress")?.id ?? "");
    answer = ([, target]) => `silent\t${target ?? ""}`;
    expect((await run("1"))[0]?.egress).toBe("exited");
    expect(progress.warnings).toEqual([
      "the egress container of agent-1 is exited, so it reaches nothing: devkit agent up 1",
    ]);
  });

  test("when it is gone, or does not answer", async () => {
    answer = ([, target]) => `silent\t${target ?? ""}`;
    await run("1");
    await engine.removeContainer(containerOf("egress")?.id ?? "");
    await run("1");
    expect(progress.warnings).toEqual([
      "the proxy of agent-1 does not answer: devkit agent up 1",
      "agent-1 has no egress container, so it reaches nothing: devkit agent up 1",
    ]);
  });
});

test("agents that do not run are refused by name, and left out unnamed", async () => {
  await engine.stopContainer(containerOf("agent-2")?.id ?? "");
  expect((await requireProbeable(deps, [])).map(({ agent }) => agent.name)).toEqual(["agent-1"]);
  await expect(requireProbeable(deps, ["2"])).rejects.toMatchObject({
    code: "E_AGENT_NOT_RUNNING",
    exitCode: 1,
  });
  await engine.stopContainer(containerOf("agent-1")?.id ?? "");
  await expect(requireProbeable(deps, [])).rejects.toMatchObject({
    code: "E_AGENT_NOT_RUNNING",
    exitCode: 1,
  });
});
