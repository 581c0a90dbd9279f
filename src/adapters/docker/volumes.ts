import type Docker from "dockerode";
import type { Engine, LabelledVolume } from "../../app/ports-engine.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import { LABELS } from "../../domain/identity/names.js";
import { ignoring, withEngineErrors } from "./errors.js";

/** Nothing that makes what is below depend on never being changed, for it is exchanged between two starts. */
const OVERLAY = "index=off,redirect_dir=off,metacopy=off";

/**
 * A container's layers as volumes without a name: the engine makes them with the container, mounts them whenever it
 * starts, and removes them with it.
 */
export function layerMounts({ caches, labels }: ContainerSpec): Docker.MountSettings[] {
  const own = [LABELS.project, LABELS.agent, LABELS.root].flatMap((name) => {
    const value = labels[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return (caches?.layers ?? []).map(({ containerPath, lower, upper, work }) => ({
    Type: "volume",
    Source: "",
    Target: containerPath,
    VolumeOptions: {
      NoCopy: true,
      Labels: { ...Object.fromEntries(own), [LABELS.role]: "cache" },
      DriverConfig: {
        Name: "local",
        Options: {
          type: "overlay",
          device: "overlay",
          o: `lowerdir=${lower},upperdir=${upper},workdir=${work},${OVERLAY}`,
        },
      },
    },
  }));
}

export function createDockerVolumes(docker: Docker): Pick<Engine, "listLooseVolumes" | "removeVolume"> {
  return {
    listLooseVolumes: (projectId) => listLooseVolumes(docker, projectId),
    removeVolume: (name) => removeVolume(docker, name),
  };
}

async function listLooseVolumes(docker: Docker, projectId: string | undefined): Promise<LabelledVolume[]> {
  const project = projectId === undefined ? [] : [`${LABELS.project}=${projectId}`];
  const filters = JSON.stringify({ dangling: ["true"], label: [`${LABELS.role}=cache`, ...project] });
  const found = await withEngineErrors("list volumes", () => docker.listVolumes({ filters }));
  return found.Volumes.map((volume) => ({
    name: volume.Name,
    agentName: volume.Labels[LABELS.agent] ?? "",
    root: volume.Labels[LABELS.root],
  }));
}

async function removeVolume(docker: Docker, name: string): Promise<void> {
  // 404: gone already; 409: a container has it after all.
  await withEngineErrors("remove a volume", () => ignoring([404, 409], docker.getVolume(name).remove()));
}
