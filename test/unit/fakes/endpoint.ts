import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import type { EndpointStore } from "../../../src/app/ports-endpoint.js";
import { LABELS } from "../../../src/domain/identity/names.js";
import type { EndpointSettings } from "../../../src/domain/endpoint/settings-file.js";

/** What the host keeps for the endpoint, in memory, and the part of a broker that says whom it serves. */
export interface FakeEndpoint extends EndpointStore {
  readonly agents: Set<string>;
  settings: EndpointSettings | undefined;
  served: ReadonlySet<string> | undefined;
  /** A broker that never says that it serves anybody. */
  isDeaf: boolean;
  /** What a broker does when it starts or is told to. */
  rescan(this: void): void;
}

export function createFakeEndpoint(): FakeEndpoint {
  const fake: FakeEndpoint = {
    machine: "here",
    agents: new Set(),
    settings: undefined,
    served: undefined,
    isDeaf: false,
    rescan() {
      if (!fake.isDeaf) fake.served = new Set(fake.agents);
    },
    prepare(agents) {
      for (const { name } of agents) fake.agents.add(name);
      return Promise.resolve();
    },
    saveSettings(settings) {
      fake.settings = settings;
      return Promise.resolve();
    },
    findServed: () => Promise.resolve(fake.served),
    forgetServed() {
      fake.served = undefined;
      return Promise.resolve();
    },
    known: () => Promise.resolve([...fake.agents]),
    removeAgent({ name }) {
      fake.agents.delete(name);
      return Promise.resolve();
    },
  };
  return fake;
}

/** What containers of a project do when they start, or are told to look again. */
export function reloads(
  egress: { reload(this: void, spec: ContainerSpec): void },
  endpoint: FakeEndpoint,
): (spec: ContainerSpec) => void {
  return (spec) => {
    egress.reload(spec);
    if (spec.labels[LABELS.role] === "broker") endpoint.rescan();
  };
}
