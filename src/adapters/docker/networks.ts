import type Docker from "dockerode";
import type { Attachment, LabelledNetwork, Networks, NetworkSpec } from "../../app/ports-engine.js";
import { waitFor } from "../../base/wait.js";
import { LABELS } from "../../domain/identity/names.js";
import type { EngineTraits } from "./engine-traits.js";
import { engineMessage, ignoring, statusOf, withEngineErrors } from "./errors.js";

/** A network without an address of the host: an internal one alone still reaches every service of it at the gateway. */
const NO_GATEWAY = { "com.docker.network.bridge.inhibit_ipv4": "true" };
/** An address that a container had a moment ago can still count as taken. */
const ADDRESS_PATIENCE_MS = 10_000;

/** Networks by the engine's API. */
export function createDockerNetworks(docker: Docker, traits: EngineTraits): Networks {
  return {
    listNetworks: (projectId) => listNetworks(docker, projectId, traits),
    async listSubnets() {
      const found = await withEngineErrors("list networks", () => docker.listNetworks());
      return found.flatMap((network) => subnetsOf(network));
    },
    createNetwork: (spec) => createNetwork(docker, spec, traits),
    removeNetwork: (id) =>
      withEngineErrors("remove the network", async () => {
        const network = docker.getNetwork(id);
        const remove = async () => {
          try {
            await detachAll(network);
            await ignoring([404], network.remove());
            return true;
          } catch (error) {
            // Somebody has joined in between, or an endpoint is still going away.
            if (statusOf(error) === 403 || statusOf(error) === 409) return undefined;
            throw error;
          }
        };
        await waitFor(remove, { deadlineMs: ADDRESS_PATIENCE_MS, what: "the network to be free" });
      }),
    attach: (networkId, containerId, place) => attach(docker, networkId, containerId, place),
    detach: (networkId, containerId) =>
      withEngineErrors("take a container off its network", () =>
        ignoring(
          [403, 404],
          docker.getNetwork(networkId).disconnect({ Container: containerId, Force: true }),
        ),
      ),
  };
}

async function listNetworks(
  docker: Docker,
  projectId: string | undefined,
  { isPodman }: EngineTraits,
): Promise<LabelledNetwork[]> {
  const project = projectId === undefined ? [] : [`${LABELS.project}=${projectId}`];
  const filters = { label: [`${LABELS.role}=network`, ...project] };
  const [byName, found] = await Promise.all([
    isPodman(),
    withEngineErrors("list networks", () => docker.listNetworks({ filters })),
  ]);
  return found.map((network) => ({
    // To Podman's containers it has no id but its name, of which there is one.
    id: byName ? network.Name : network.Id,
    name: network.Name,
    subnet: subnetsOf(network)[0],
    internal: network.Internal,
    // Podman has no network without: inner ones are kept from the host by their packet filter alone.
    ...(byName ? { isRouted: true } : {}),
    projectId: network.Labels?.[LABELS.project] ?? "",
    agentName: network.Labels?.[LABELS.agent],
    root: network.Labels?.[LABELS.root],
  }));
}

async function createNetwork(
  docker: Docker,
  spec: NetworkSpec,
  traits: EngineTraits,
): Promise<string | undefined> {
  // The engine lets several networks have one name.
  const [made, ...copies] = (await listNetworks(docker, spec.labels[LABELS.project], traits)).filter(
    (one) => one.name === spec.name,
  );
  if (made?.subnet === spec.subnet && copies.length === 0) return made.id;
  return withEngineErrors(`create the network ${spec.name}`, async () => {
    try {
      const network = await docker.createNetwork({
        Name: spec.name,
        CheckDuplicate: true,
        Driver: "bridge",
        Internal: spec.internal,
        IPAM: { Driver: "default", Config: [{ Subnet: spec.subnet }] },
        Options: spec.internal ? NO_GATEWAY : {},
        Labels: { ...spec.labels },
      });
      return (await traits.isPodman()) ? spec.name : network.id;
    } catch (error) {
      if (/overlap|already used on the host/i.test(engineMessage(error))) return undefined;
      throw error;
    }
  });
}

async function attach(
  docker: Docker,
  networkId: string,
  containerId: string,
  { address, aliases }: Attachment,
): Promise<void> {
  const join = async () => {
    try {
      await docker.getNetwork(networkId).connect({
        Container: containerId,
        EndpointConfig: { IPAMConfig: { IPv4Address: address }, Aliases: [...aliases] },
      });
      return true;
    } catch (error) {
      const message = engineMessage(error);
      if (/already exists in network|already attached|already connected/i.test(message)) return true;
      if (/address already in use/i.test(message)) return undefined;
      throw error;
    }
  };
  const what = `the address ${address} to be free`;
  await withEngineErrors("put a container on a network", () =>
    waitFor(join, { deadlineMs: ADDRESS_PATIENCE_MS, what }),
  );
}

async function detachAll(network: Docker.Network): Promise<void> {
  const found = (await network.inspect().catch((error: unknown) => {
    if (statusOf(error) === 404) return { Containers: {} };
    throw error;
  })) as { Containers?: Record<string, unknown> };
  for (const id of Object.keys(found.Containers ?? {})) {
    await ignoring([403, 404], network.disconnect({ Container: id, Force: true }));
  }
}

function subnetsOf(network: Docker.NetworkInspectInfo): string[] {
  return (network.IPAM?.Config ?? []).flatMap(({ Subnet: subnet }) => (subnet === undefined ? [] : [subnet]));
}
