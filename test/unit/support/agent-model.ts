import { agentAt, type AgentRef } from "../../../src/domain/agents/agent.js";
import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import type { ContainerState, ObservedAgent, ObservedWorktree } from "../../../src/domain/agents/observed.js";
import type { Operation } from "../../../src/domain/agents/plan.js";
import type { AgentPorts } from "../../../src/domain/ports/published.js";
import type { AgentNetwork } from "../../../src/domain/agents/reconcile.js";
import { LABELS, networkName } from "../../../src/domain/identity/names.js";
import { need } from "./need.js";
import { applyToNetwork, randomNetwork, type ModelNetwork } from "./network-model.js";
import type { Random } from "./random.js";
import { applyToPorts, portsOf as portsOfModel, randomPorts, type ModelPorts } from "./port-model.js";
import { PROJECT, runningContainer, slotFor, specOf } from "./things.js";

interface ModelContainer {
  state: ContainerState;
  spec: ContainerSpec;
  /** The generation of the agent's directories that it was started with. */
  sees: number;
  /** The engine's id of the network that it was made on, which can be gone by now. */
  readonly on: string;
  /** Whether its network was sealed since it was started. */
  sealed: boolean;
}

/** One agent as it really is, of which an observation shows a part. Operations change it, or throw where real ones would. */
export interface AgentModel {
  readonly agent: AgentRef;
  worktree: { -readonly [K in keyof ObservedWorktree]: ObservedWorktree[K] };
  home: boolean;
  git: boolean;
  /** Commits in the private git dir that the host has not seen. */
  unsynced: boolean;
  container: ModelContainer | undefined;
  network: ModelNetwork | undefined;
  readonly ports: ModelPorts;
  /** Goes up when a directory that is mounted is made anew. */
  generation: number;
  /** Older files were checked out than the agent had committed: to it, its own commits look undone. */
  undone?: boolean;
}

const STATES: readonly ContainerState[] = [
  "created",
  "running",
  "paused",
  "restarting",
  "removing",
  "exited",
  "dead",
];

/** Any state a crash, a user or an agent can leave behind. */
export function randomModel(agent: AgentRef, random: Random): AgentModel {
  const directory = random.pick(["absent", "empty", "files", "files"] as const);
  const registered = random.chance(0.7);
  const linked = directory !== "absent" && random.chance(registered ? 0.8 : 0.1);
  const settings = random.chance(0.8) ? {} : { memory: 512 };
  const network = randomNetwork(random);
  // One that was made when the network was somewhere else has another address.
  const slot =
    network?.misplaced === true || random.chance(0.1) ? slotFor(agentAt(agent.index + 100)) : undefined;
  const git = random.chance(0.7);
  // A checkout that was cut off comes after a sync and before the container runs again: nothing new can be there.
  const isCutOff = registered && linked && directory === "empty";
  return {
    agent,
    worktree: {
      registered,
      branch: registered && random.chance(0.9) ? `agent/${agent.name}/idle` : undefined,
      directory,
      linked,
      checkedOut: (registered || linked) && random.chance(0.7),
    },
    home: random.chance(0.8),
    git,
    unsynced: git && !isCutOff && random.chance(0.5),
    container: random.chance(0.7)
      ? {
          state: random.pick(STATES),
          spec: specOf(agent, settings, slot),
          sees: 1,
          on: "net-1",
          sealed: random.chance(0.7),
        }
      : undefined,
    network,
    ports: randomPorts(random),
    generation: 1,
  };
}

export function observeModel(model: AgentModel): ObservedAgent {
  const { agent, container } = model;
  return {
    agent,
    worktree: { ...model.worktree },
    state: { home: model.home, git: model.git, runtime: "container" },
    container: container && {
      ...runningContainer(agent, container.spec),
      state: container.state,
      networks: new Map([[networkName(PROJECT, agent), { networkId: container.on, address: undefined }]]),
    },
  };
}

/** What `agent up` sees of its network. */
export function networkOf(model: AgentModel): AgentNetwork {
  const { network } = model;
  return {
    id: network?.id,
    misplaced: network?.misplaced === true ? "this machine has a route there now" : undefined,
    attached: network?.attached === true,
    sealed: model.container?.sealed === true && model.container.state === "running",
  };
}

/** What `agent up` sees of its ports. */
export function portsOf({ ports, container }: AgentModel): AgentPorts {
  return portsOfModel(ports, container?.state === "running");
}

export function applyOperation(model: AgentModel, { kind }: Operation, spec: ContainerSpec): void {
  const { worktree } = model;
  switch (kind) {
    case "git.sync":
      need(model.git, "nothing to sync from");
      model.unsynced = false;
      break;
    case "worktree.add":
      need(worktree.directory !== "files", "git adds only where there is nothing");
      Object.assign(worktree, { registered: true, linked: true, directory: "empty", checkedOut: false });
      worktree.branch = `agent/${model.agent.name}/idle`;
      model.generation += 1;
      break;
    case "worktree.adopt":
      need(worktree.directory === "files" && !worktree.registered, "nothing to adopt");
      Object.assign(worktree, { registered: true, linked: true, checkedOut: true });
      model.generation += 1;
      break;
    case "worktree.repair":
      need(worktree.registered, "git repairs only what it knows");
      worktree.linked = true;
      model.generation += 1;
      break;
    case "worktree.checkout":
      need(worktree.registered && worktree.linked, "no worktree to check out in");
      need(!worktree.checkedOut, "would overwrite what the agent did since");
      need(!model.git || worktree.directory !== "files", "would overwrite what the agent did");
      Object.assign(worktree, { directory: "files", checkedOut: true });
      if (model.unsynced) model.undone = true;
      break;
    case "worktree.reindex":
      need(worktree.registered, "git does not know the worktree");
      worktree.checkedOut = true;
      break;
    case "state.create":
      model.home = true;
      model.generation += 1;
      break;
    case "git.create":
      need(worktree.checkedOut, "the index to copy is not there");
      need(!model.git, "there is a git dir already");
      model.git = true;
      model.generation += 1;
      break;
    case "caches.create":
      need(model.home, "there is no home to put links in");
      break;
    case "network.remove":
    case "network.create":
    case "network.attach":
      model.network = applyToNetwork(model.network, kind, model.container?.on);
      break;
    case "network.seal":
      need(model.container?.state === "running", "there is no network namespace to seal");
      if (model.container !== undefined) model.container.sealed = true;
      break;
    case "ports.publish":
    case "ports.withdraw":
      applyToPorts(model.ports, kind, model.container?.state === "running");
      break;
    case "hook.create":
    case "hook.warm":
    case "hook.start":
      throw new Error("nobody in this model has hooks");
    default:
      applyToContainer(model, kind, spec);
  }
}

function applyToContainer(
  model: AgentModel,
  kind: Extract<Operation["kind"], `container.${string}`>,
  spec: ContainerSpec,
): void {
  const { container, network } = model;
  if (kind === "container.create") {
    need(container === undefined, "the name is taken");
    if (network === undefined || network.misplaced) throw new Error(`${kind}: its network is not there`);
    model.container = { state: "created", spec, sees: 0, on: network.id, sealed: false };
    return;
  }
  if (container === undefined) throw new Error(`${kind}: there is no container`);
  const isLive = ["running", "paused", "restarting"].includes(container.state);
  if (kind === "container.remove") {
    model.container = undefined;
  } else if (kind === "container.stop") {
    if (isLive) Object.assign(container, { state: "exited", sealed: false });
  } else {
    need(!["dead", "removing"].includes(container.state), "cannot start it any more");
    need(container.on === network?.id, "its network is gone");
    need(network?.attached === true, "it would run with nobody to serve it");
    need(model.home && model.git && model.worktree.directory !== "absent", "a mount's source is missing");
    // Starting what is paused only lets it go on, with the mounts it has.
    if (!isLive) {
      Object.assign(container, { sees: model.generation, sealed: false });
      model.ports.joined = false;
    }
    container.state = "running";
  }
}

/** What `agent up` promises of each agent. */
export function isWhole(model: AgentModel, spec: ContainerSpec): boolean {
  const { worktree, home, git, container, network, ports } = model;
  const isForwarded = ports.wanted ? ports.present && ports.joined : !ports.present;
  const hasFiles = worktree.registered && worktree.linked && worktree.checkedOut;
  const runs =
    container?.state === "running" &&
    container.spec.labels[LABELS.configHash] === spec.labels[LABELS.configHash];
  const reaches = network?.misplaced === false && network.attached && container?.on === network.id;
  return hasFiles && home && git && runs && reaches && container.sealed && isForwarded;
}

/** A running container works in the directories that are there now, not in ones that were deleted. */
export function hasFreshMounts({ container, generation }: AgentModel): boolean {
  return container?.state === "running" && container.sees === generation;
}
