import { randomBytes } from "node:crypto";
import type { Attachment, LabelledNetwork, Networks, NetworkSpec } from "../../../src/app/ports-engine.js";
import { DevkitError } from "../../../src/base/errors.js";
import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import type { ObservedAttachment } from "../../../src/domain/agents/observed.js";
import { parseCidr, sizeOf } from "../../../src/domain/egress/cidr.js";
import { LABELS } from "../../../src/domain/identity/names.js";

interface FakeNetwork {
  readonly id: string;
  readonly spec: NetworkSpec;
  /** Container id → its place. */
  readonly places: Map<string, Attachment>;
}

/** Networks in memory that keep the contract of `test/contracts/engine-networks.ts`. */
export interface FakeNetworks extends Networks {
  readonly networks: Map<string, FakeNetwork>;
  attachedTo(containerId: string): ReadonlyMap<string, ObservedAttachment>;
  join(containerId: string, spec: ContainerSpec): void;
  /** A container whose network was removed since cannot start. */
  requireJoined(containerId: string, spec: ContainerSpec): void;
  leave(containerId: string): void;
}

type Before = (operation: string, subject: string) => void | Promise<void>;

export function createFakeNetworks(
  before: Before,
  changes: string[],
  isRunning: (containerId: string) => boolean,
): FakeNetworks {
  const networks = new Map<string, FakeNetwork>();
  // Networks that are gone, as containers know them that did not run then.
  const gone: FakeNetwork[] = [];
  const change = async (operation: string, name: string) => {
    await before(operation, name);
    changes.push(`${operation} ${name}`);
  };
  const need = (id: string): FakeNetwork => {
    const found = networks.get(id) ?? [...networks.values()].find(({ spec }) => spec.name === id);
    if (found !== undefined) return found;
    throw new DevkitError("E_ENGINE", `there is no network ${id}`, { details: { status: 404 } });
  };
  return {
    networks,
    listNetworks: (projectId) =>
      Promise.resolve(
        [...networks.values()]
          .filter(({ spec }) => projectId === undefined || spec.labels[LABELS.project] === projectId)
          .map(toLabelled),
      ),
    listSubnets: () => Promise.resolve([...networks.values()].map(({ spec }) => spec.subnet)),
    async createNetwork(spec) {
      const all = [...networks.values()];
      const made = all.find((one) => one.spec.name === spec.name && one.spec.subnet === spec.subnet);
      if (made !== undefined) return made.id;
      if (all.some((one) => overlaps(one.spec.subnet, spec.subnet))) return undefined;
      await change("network", spec.name);
      const id = randomBytes(32).toString("hex");
      networks.set(id, { id, spec, places: new Map() });
      return id;
    },
    async removeNetwork(id) {
      await change("remove network", networks.get(id)?.spec.name ?? id);
      const network = networks.get(id);
      networks.delete(id);
      const places = [...(network?.places ?? [])].filter(([containerId]) => !isRunning(containerId));
      if (network !== undefined) gone.push({ ...network, places: new Map(places) });
    },
    async attach(networkId, containerId, place) {
      await change("attach", need(networkId).spec.name);
      need(networkId).places.set(containerId, place);
    },
    async detach(networkId, containerId) {
      await change("detach", networks.get(networkId)?.spec.name ?? networkId);
      networks.get(networkId)?.places.delete(containerId);
    },
    attachedTo: (containerId) =>
      new Map(
        [...gone, ...networks.values()].flatMap(({ id, spec, places }) => {
          const place = places.get(containerId);
          return place === undefined ? [] : [[spec.name, { networkId: id, address: place.address }] as const];
        }),
      ),
    join(containerId, { network }) {
      if (network === undefined) return;
      // As with the engine: that it is not there is found out at the start.
      const found = [...networks.values()].find(({ spec }) => spec.name === network.name);
      found?.places.set(containerId, { address: network.address ?? "", aliases: [] });
    },
    requireJoined(containerId, { network }) {
      if (network === undefined || isBorrowed(network.name)) return;
      const isStale = gone.some(({ places }) => places.has(containerId));
      const isOn = [...networks.values()].some(
        ({ spec, places }) => spec.name === network.name && places.has(containerId),
      );
      if (isOn && !isStale) return;
      throw new DevkitError("E_ENGINE", `the network ${network.name} is gone`, { details: { status: 404 } });
    },
    leave(containerId) {
      for (const { places } of [...gone, ...networks.values()]) places.delete(containerId);
    },
  };
}

/** Of the host, or of another container. */
function isBorrowed(name: string): boolean {
  return name === "host" || name.startsWith("container:");
}

function overlaps(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  if (a === undefined || b === undefined) return false;
  return a.base < b.base + sizeOf(b.prefix) && b.base < a.base + sizeOf(a.prefix);
}

function toLabelled({ id, spec }: FakeNetwork): LabelledNetwork {
  return {
    id,
    name: spec.name,
    subnet: spec.subnet,
    internal: spec.internal,
    projectId: spec.labels[LABELS.project] ?? "",
    agentName: spec.labels[LABELS.agent],
    root: spec.labels[LABELS.root],
  };
}
