import { agentAt, type AgentRef } from "../../../src/domain/agents/agent.js";
import { containerSpec, type ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import type { ObservedAgent, ObservedContainer } from "../../../src/domain/agents/observed.js";
import type { AgentNetwork } from "../../../src/domain/agents/reconcile.js";
import { parsePool, slotAt, type Slot } from "../../../src/domain/egress/subnets.js";
import type { PortBlock } from "../../../src/domain/ports/block.js";
import type { AgentPorts } from "../../../src/domain/ports/published.js";
import { containerName, LABELS, networkName } from "../../../src/domain/identity/names.js";
import { projectOf, type Project } from "../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS, type ContainerSettings } from "../../../src/domain/settings/settings.js";

export const PROJECT: Project = projectOf({
  root: "/src/demo",
  commonDir: "/src/demo/.git",
  stateHome: "/state",
});

export const CACHES_DIR = "/cache/devkit/caches";

export const IMAGE_ID = `sha256:${"1".repeat(64)}`;

/** A place in the default pool; agents that come up together have the first ones, in their order. */
export function slotFor({ index }: AgentRef): Slot {
  const parsed = parsePool(DEFAULT_SETTINGS.egress.pool);
  const slot = parsed.ok ? slotAt(parsed.pool, index - 1) : undefined;
  if (slot === undefined) throw new Error(`the pool has no slot ${String(index)}`);
  return slot;
}

export function specOf(
  agent: AgentRef,
  settings: Partial<ContainerSettings> = {},
  slot: Slot = slotFor(agent),
  ports?: PortBlock,
): ContainerSpec {
  return containerSpec({
    slot,
    ports,
    project: PROJECT,
    agent,
    settings: { ...DEFAULT_SETTINGS, container: { ...DEFAULT_SETTINGS.container, ...settings } },
    imageId: IMAGE_ID,
    user: { uid: 1000, gid: 1000 },
    objectDirs: [{ hostPath: "/src/demo/.git/objects", containerPath: "/src/demo/.git/objects" }],
    cachesDir: CACHES_DIR,
    version: "0.1.0",
  });
}

/** The agent's network as it should be, its egress on it. */
export function wholeNetwork(agent: AgentRef): AgentNetwork {
  return { id: `net-${agent.name}`, misplaced: undefined, attached: true, sealed: true };
}

export const NO_NETWORK: AgentNetwork = {
  id: undefined,
  misplaced: undefined,
  attached: false,
  sealed: false,
};

/** Nothing of it is published. */
export const NO_PORTS: AgentPorts = { wanted: false, cause: undefined, present: false };

/** The agent's container as it should be, running, on its network. */
export function runningContainer(agent: AgentRef, spec: ContainerSpec = specOf(agent)): ObservedContainer {
  return {
    id: `id-${agent.name}`,
    name: containerName(PROJECT, agent),
    state: "running",
    statusText: "Up 2 minutes",
    configHash: spec.labels[LABELS.configHash],
    config: spec.labels[LABELS.config],
    networks: new Map([
      [networkName(PROJECT, agent), { networkId: `net-${agent.name}`, address: spec.network?.address }],
    ]),
  };
}

/** An agent that is as it should be. */
export function wholeAgent(index: number): ObservedAgent {
  const agent = agentAt(index);
  return {
    agent,
    worktree: {
      registered: true,
      branch: `agent/${agent.name}/idle`,
      directory: "files",
      linked: true,
      checkedOut: true,
    },
    state: { home: true, git: true, runtime: "container" },
    container: runningContainer(agent),
  };
}

/** An agent of which there is nothing at all. */
export function absentAgent(index: number): ObservedAgent {
  return {
    agent: agentAt(index),
    worktree: { registered: false, branch: undefined, directory: "absent", linked: false, checkedOut: false },
    state: { home: false, git: false, runtime: "container" },
    container: undefined,
  };
}

export const oid = (digit: string): string => digit.repeat(40);
