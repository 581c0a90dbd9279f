import path from "node:path";
import type { HostPorts, PortStore } from "../../../src/app/ports-ports.js";
import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import { LABELS } from "../../../src/domain/identity/names.js";
import type { RegisteredBlock } from "../../../src/domain/ports/block.js";
import type { Before } from "./git.js";

/** The registry in memory, and the part of what forwards ports that says what it listens on. */
export interface FakePorts extends PortStore {
  blocks: readonly RegisteredBlock[];
  /** Thrown by whoever reads the registry. */
  broken: Error | undefined;
  /** Ports of this machine that other programs have. */
  readonly used: Set<number>;
  /** The engine's network is not this machine's. */
  isElsewhere: boolean;
  /** What a container does when it starts. */
  start(this: void, spec: ContainerSpec): void;
}

export function createFakePorts(before: Before = () => undefined): FakePorts {
  /** By agent name; undefined: there is a directory, and nothing in it yet. */
  const said = new Map<string, HostPorts | undefined>();
  const load = () => (fake.broken === undefined ? Promise.resolve(fake.blocks) : Promise.reject(fake.broken));
  const fake: FakePorts = {
    blocks: [],
    broken: undefined,
    used: new Set(),
    isElsewhere: false,
    start(spec) {
      if (spec.labels[LABELS.role] !== "ports") return;
      const name = path.basename(spec.mounts[0]?.hostPath ?? "");
      if (!said.has(name)) throw new Error(`the mount's source for ${name} is missing`);
      const hosts = [...spec.command.join(" ").matchAll(/(\d+)=\d+/g)].map(([, port]) => Number(port));
      said.set(name, new Map(hosts.map((port) => [port, fake.used.has(port) ? "taken" : "open"])));
    },
    load,
    async change(work) {
      await before("ports.change", "");
      const { blocks, answer } = await work(await load());
      fake.blocks = blocks;
      return answer;
    },
    isFree(port) {
      const open = [...said.values()].some((states) => states?.get(port) === "open");
      return Promise.resolve(!fake.used.has(port) && (fake.isElsewhere || !open));
    },
    async prepareForwarder({ name }) {
      await before("ports.prepare", name);
      said.set(name, undefined);
    },
    readForwarder: ({ name }) => Promise.resolve(said.get(name)),
    async removeForwarder({ name }) {
      await before("ports.remove", name);
      said.delete(name);
    },
  };
  return fake;
}
