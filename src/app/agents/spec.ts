import type { AgentRef } from "../../domain/agents/agent.js";
import { containerSpec, type ContainerSpec } from "../../domain/agents/container-spec.js";
import type { Slot } from "../../domain/egress/subnets.js";
import { checkMountable, type ObjectDir } from "../../domain/custody/mounts.js";
import type { PortBlock } from "../../domain/ports/block.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SpecExtras } from "../../domain/mounts/extras.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import type { AgentImage } from "../images/agent-image.js";
import type { Host, ProjectDeps } from "../ports.js";

export interface SpecContext {
  readonly deps: Pick<ProjectDeps, "project">;
  readonly host: Host;
  readonly settingsOf: SettingsOf;
  readonly imageOf: (agent: AgentRef) => Pick<AgentImage, "id" | "reference" | "env">;
  readonly objectDirs: readonly ObjectDir[];
  /** Where on the network the agent is; undefined where that does not matter. */
  readonly slotOf?: (agent: AgentRef) => Slot | undefined;
  /** What its settings add; undefined where only git runs in it. */
  readonly extrasOf?: ((agent: AgentRef) => SpecExtras) | undefined;
  /** Its ports; undefined where they do not matter. */
  readonly blockOf?: (agent: AgentRef) => PortBlock | undefined;
}

/** The container an agent should have. @throws DevkitError E_PATH_UNSUPPORTED */
export function specFor(
  { deps, host, settingsOf, imageOf, objectDirs, slotOf, extrasOf, blockOf }: SpecContext,
  agent: AgentRef,
): ContainerSpec {
  const { project } = deps;
  const image = imageOf(agent);
  for (const dir of [agentPaths(project, agent).worktree, ...objectDirs.map((one) => one.containerPath)]) {
    checkMountable(dir);
  }
  return containerSpec({
    project,
    agent,
    settings: settingsOf(agent),
    imageId: image.id ?? image.reference,
    imageEnv: image.env ?? [],
    user: host.user,
    objectDirs,
    cachesDir: host.cachesDir,
    slot: slotOf?.(agent),
    extras: extrasOf?.(agent),
    ports: blockOf?.(agent),
    version: host.version,
  });
}
