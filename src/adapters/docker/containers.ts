import type Docker from "dockerode";
import type { ContainerRole, LabelledContainer } from "../../app/ports-engine.js";
import { DevkitError } from "../../base/errors.js";
import { waitFor } from "../../base/wait.js";
import type { ContainerSpec } from "../../domain/agents/container-spec.js";
import type { ContainerState } from "../../domain/agents/observed.js";
import { LABELS } from "../../domain/identity/names.js";
import { createOptions } from "./create-options.js";
import { requireRootful, type EngineTraits } from "./engine-traits.js";
import { ignoring, statusOf, withEngineErrors } from "./errors.js";

/** With `init`, a stop takes as long as the main process needs, and the keep-alive needs nothing. */
const STOP_SECONDS = 5;

export async function listContainers(
  docker: Docker,
  role: ContainerRole,
  projectId: string | undefined,
  { isPodman }: EngineTraits,
): Promise<LabelledContainer[]> {
  const project = projectId === undefined ? [] : [`${LABELS.project}=${projectId}`];
  const filters = { label: [`${LABELS.role}=${role}`, ...project] };
  const [byName, found] = await Promise.all([
    isPodman(),
    withEngineErrors("list containers", () => docker.listContainers({ all: true, filters })),
  ]);
  return found.map((info) => ({
    id: info.Id,
    name: info.Names[0]?.replace(/^\//, "") ?? info.Id,
    state: info.State as ContainerState,
    statusText: info.Status,
    configHash: info.Labels[LABELS.configHash],
    config: info.Labels[LABELS.config],
    projectId: info.Labels[LABELS.project] ?? "",
    agentName: info.Labels[LABELS.agent] ?? "",
    root: info.Labels[LABELS.root],
    ports: info.Labels[LABELS.ports],
    networks: new Map(
      Object.entries(networksOf(info)).map(([name, one]) => [
        name,
        {
          networkId: byName ? name : one.NetworkID,
          address: one.IPAddress === "" ? undefined : one.IPAddress,
        },
      ]),
    ),
  }));
}

/** Podman says nothing of the networks of a container that has none. */
function networksOf({
  NetworkSettings: settings,
}: {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, Docker.NetworkInfo>> | null };
}): Readonly<Record<string, Docker.NetworkInfo>> {
  return settings.Networks ?? {};
}

export async function createContainer(
  docker: Docker,
  spec: ContainerSpec,
  traits: EngineTraits,
): Promise<string> {
  await requireRootful(traits);
  const attempt = async (): Promise<string | undefined> => {
    try {
      return (await docker.createContainer(createOptions(spec, await traits.isPodman()))).id;
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      return takeOver(docker, spec);
    }
  };
  const options = { deadlineMs: 30_000, what: `the name ${spec.name} to be free` };
  return withEngineErrors(`create the container ${spec.name}`, () => waitFor(attempt, options));
}

/**
 * The name is taken: by the same container from a killed run (its id), by an older one of ours (removed, or just being
 * so: undefined, try again), or by a stranger's.
 */
async function takeOver(docker: Docker, spec: ContainerSpec): Promise<string | undefined> {
  const found = await docker
    .getContainer(spec.name)
    .inspect()
    .catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
  if (found === undefined || found.State.Status === "removing") return undefined;
  const labels = found.Config.Labels;
  const isOurs =
    labels[LABELS.project] === spec.labels[LABELS.project] &&
    labels[LABELS.role] === spec.labels[LABELS.role];
  if (!isOurs) {
    throw new DevkitError("E_ENGINE", `a container that devkit did not make is called ${spec.name}`, {
      hint: `rename it: docker rename ${spec.name} other-name`,
    });
  }
  if (labels[LABELS.configHash] === spec.labels[LABELS.configHash] && !found.State.Dead) return found.Id;
  await removeContainer(docker, found.Id);
  return undefined;
}

export async function startContainer(docker: Docker, id: string): Promise<void> {
  await withEngineErrors("start the container", async () => {
    const container = docker.getContainer(id);
    const { State: state } = await container.inspect();
    if (state.Paused) await container.unpause();
    else await ignoring([304], container.start());
  });
}

export async function signalContainer(docker: Docker, id: string, signal: "SIGUSR1"): Promise<void> {
  await withEngineErrors("signal the container", () =>
    ignoring([404, 409], docker.getContainer(id).kill({ signal })),
  );
}

export async function stopContainer(docker: Docker, id: string): Promise<void> {
  await withEngineErrors("stop the container", async () => {
    const container = docker.getContainer(id);
    const { State: state } = await container.inspect();
    if (state.Paused) await container.unpause();
    await ignoring([304], container.stop({ t: STOP_SECONDS }));
  });
}

export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await withEngineErrors("remove the container", async () => {
    const container = docker.getContainer(id);
    // 404: gone already; 409: being removed by an earlier call, which is worth waiting for.
    await ignoring([404, 409], container.remove({ force: true, v: true }));
    const isGone = () =>
      container.inspect().then(
        () => undefined,
        (error: unknown) => (statusOf(error) === 404 ? true : Promise.reject(error as Error)),
      );
    await waitFor(isGone, { deadlineMs: 30_000, what: "the container to be gone" });
  });
}

export async function countExecs(docker: Docker, id: string): Promise<number> {
  return withEngineErrors("look at the container", async () => {
    const found = (await docker.getContainer(id).inspect()) as { ExecIDs?: string[] | null };
    const states = await Promise.all(
      (found.ExecIDs ?? []).map((execId) =>
        docker
          .getExec(execId)
          .inspect()
          .catch(() => undefined),
      ),
    );
    return states.filter((state) => state?.Running === true).length;
  });
}
