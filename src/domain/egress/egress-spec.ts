import type { AgentRef } from "../agents/agent.js";
import { labelled, type ContainerSpec, type HostUser } from "../agents/container-spec.js";
import { egressName, LABELS, outwardName } from "../identity/names.js";
import { egressPaths, type Project } from "../identity/project.js";

/** Places inside the container; the supervisor knows them (docker/egress). */
const IN_EGRESS = {
  config: "/etc/egress",
  audit: "/var/log/egress",
  library: "/usr/lib/devkit/egress",
} as const;

const MIB = 1024 ** 2;
/** A proxy has a thread for each connection, 600 at most for each of 64 agents; idle it needs a few megabytes. */
const LIMITS = { memory: 1024 * MIB, cpus: 2, pids: 40_000, tmp: 32 * MIB };

export interface EgressSpecInput {
  readonly project: Project;
  /** Whose alone it is; undefined: the one that the other agents share. */
  readonly owner: AgentRef | undefined;
  readonly imageId: string;
  readonly user: HostUser;
  readonly version: string;
}

/** The container through which agents reach what they may. */
export function egressSpec({ project, owner, imageId, user, version }: EgressSpecInput): ContainerSpec {
  const paths = egressPaths(project, owner);
  return labelled(
    { project, role: "egress", agent: owner, version },
    {
      name: egressName(project, owner),
      hostname: "egress",
      image: imageId,
      user: `${String(user.uid)}:${String(user.gid)}`,
      workdir: "/",
      command: ["perl", `-I${IN_EGRESS.library}`, `${IN_EGRESS.library}/supervisor.pl`],
      env: {},
      mounts: [
        { hostPath: paths.config, containerPath: IN_EGRESS.config, readOnly: true },
        { hostPath: `${paths.config}/resolv.conf`, containerPath: "/etc/resolv.conf", readOnly: true },
        { hostPath: paths.audit, containerPath: IN_EGRESS.audit, readOnly: false },
      ],
      limits: LIMITS,
      network: { name: outwardName(project, owner), address: undefined, dns: [] },
      readOnlyRoot: true,
      isRouter: true,
      restarts: true,
    },
  );
}

/** The program that tries to get out of a network (docker/egress/probe.pl). */
export function probeCommand(): readonly string[] {
  return ["perl", `-I${IN_EGRESS.library}`, `${IN_EGRESS.library}/probe.pl`];
}

/** Labels of a network: an agent's own, or the way out of an egress. */
export function networkLabels(
  project: Project,
  owner: AgentRef | undefined,
  version: string,
): Record<string, string> {
  return {
    [LABELS.project]: project.id,
    ...(owner === undefined ? {} : { [LABELS.agent]: owner.name, [LABELS.index]: String(owner.index) }),
    [LABELS.role]: "network",
    [LABELS.root]: project.root,
    [LABELS.version]: version,
  };
}
