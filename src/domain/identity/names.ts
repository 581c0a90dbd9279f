import type { AgentRef } from "../agents/agent.js";
import type { Project } from "./project.js";

/** Paths inside every agent container. */
export const CONTAINER = {
  workspace: "/workspace",
  home: "/home/agent",
  /** Where the agent's private git dir is mounted. */
  git: "/devkit/git",
  /** Where the agent can read what it may reach. */
  policy: "/devkit/policy",
  /** Where the socket of its endpoint is, and the program that speaks to it (docs/endpoint.md). */
  endpoint: "/run/devkit",
  client: "/usr/local/bin/devkit",
  /** Where the download caches are. */
  caches: "/devkit/caches",
  user: "agent",
} as const;

/** The name and port of the proxy on every agent's network. */
export const EGRESS = { host: "tinyproxy", port: 8888 } as const;

/** The engine labels devkit finds its things by; nothing without ours is ever touched. */
export const LABELS = {
  project: "dev.devkit.project",
  agent: "dev.devkit.agent",
  index: "dev.devkit.index",
  role: "dev.devkit.role",
  configHash: "dev.devkit.config-hash",
  /** JSON of the hashed settings, so that a later run can name what changed. */
  config: "dev.devkit.config",
  version: "dev.devkit.version",
  /** An agent's block of ports, so that it is known without the registry. */
  ports: "dev.devkit.ports",
  /** The primary's path, so that doctor can tell leftovers of a repository that is gone. */
  root: "dev.devkit.root",
} as const;

/** The branch of an agent without a task. Never `agent/<name>` alone: a ref cannot be a file and a directory. */
export function idleBranch(agent: AgentRef): string {
  return `agent/${agent.name}/idle`;
}

/** The branch on which an agent works on a task of the pool. */
export function taskBranch(agent: AgentRef, taskId: string): string {
  return `agent/${agent.name}/${taskId.toLowerCase()}`;
}

/** The full ref prefix an agent's commits may land under. */
export function agentRefPrefix(agent: AgentRef): string {
  return `refs/heads/agent/${agent.name}/`;
}

/** Below this is one ref for each agent. */
export const BASE_REFS = "refs/devkit/base/";

/** Keeps what the agent borrows alive while host git collects garbage. */
export function baseRef(agent: AgentRef): string {
  return `${BASE_REFS}${agent.name}`;
}

/** What the host lends to agents besides, so that deleting a branch or tag there takes nothing from them. */
export const LENT_REFS = "refs/devkit/lent/";

export function detachedRef(agent: AgentRef): string {
  return `refs/devkit/detached/${agent.name}`;
}

/** Unique on the engine, for people's eyes only: things are found by label. */
export function containerName(project: Project, agent: AgentRef): string {
  return `devkit-${project.id}-${agent.name}`;
}

/** An agent's own network. */
export function networkName(project: Project, agent: AgentRef): string {
  return containerName(project, agent);
}

/** The network on which an egress container reaches everything else. */
export function outwardName(project: Project, owner: AgentRef | undefined): string {
  return `${egressName(project, owner)}-out`;
}

/** The egress of one agent (profile `hardened`), or the one that the others share. */
export function egressName(project: Project, owner: AgentRef | undefined): string {
  return `devkit-${project.id}-${owner === undefined ? "egress" : `${owner.name}-egress`}`;
}

/** Through which agents reach the task pool. */
export function brokerName(project: Project): string {
  return `devkit-${project.id}-broker`;
}

/** What forwards an agent's published ports: the half in the host's network, and the one in the agent's. */
export function forwarderName(project: Project, agent: AgentRef, half: "ports" | "ports-inside"): string {
  return `${containerName(project, agent)}-${half}`;
}

export function lockReason(agent: AgentRef): string {
  return `devkit ${agent.name}`;
}
