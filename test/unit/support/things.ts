import { agentAt, type AgentRef } from "../../../src/domain/agents/agent.js";
import { containerSpec, type ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import type { ObservedAgent, ObservedContainer } from "../../../src/domain/agents/observed.js";
import { containerName, LABELS } from "../../../src/domain/identity/names.js";
import { projectOf, type Project } from "../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS, type ContainerSettings } from "../../../src/domain/settings/settings.js";

export const PROJECT: Project = projectOf({
  root: "/src/demo",
  commonDir: "/src/demo/.git",
  stateHome: "/state",
});

export const IMAGE_ID = `sha256:${"1".repeat(64)}`;

export function specOf(agent: AgentRef, settings: Partial<ContainerSettings> = {}): ContainerSpec {
  return containerSpec({
    project: PROJECT,
    agent,
    settings: { ...DEFAULT_SETTINGS.container, ...settings },
    imageId: IMAGE_ID,
    user: { uid: 1000, gid: 1000 },
    objectDirs: [{ hostPath: "/src/demo/.git/objects", containerPath: "/src/demo/.git/objects" }],
    version: "0.1.0",
  });
}

/** The agent's container as it should be, running. */
export function runningContainer(agent: AgentRef, spec: ContainerSpec = specOf(agent)): ObservedContainer {
  return {
    id: `id-${agent.name}`,
    name: containerName(PROJECT, agent),
    state: "running",
    statusText: "Up 2 minutes",
    configHash: spec.labels[LABELS.configHash],
    config: spec.labels[LABELS.config],
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
    state: { home: true, git: true },
    container: runningContainer(agent),
  };
}

/** An agent of which there is nothing at all. */
export function absentAgent(index: number): ObservedAgent {
  return {
    agent: agentAt(index),
    worktree: { registered: false, branch: undefined, directory: "absent", linked: false, checkedOut: false },
    state: { home: false, git: false },
    container: undefined,
  };
}

export const oid = (digit: string): string => digit.repeat(40);
