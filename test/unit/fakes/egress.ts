import path from "node:path";
import type { EgressStore } from "../../../src/app/ports-egress.js";
import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";
import type { Cidr } from "../../../src/domain/egress/cidr.js";
import { GENERATION_FILE } from "../../../src/domain/egress/egress-files.js";
import type { RememberedPolicy } from "../../../src/domain/egress/memory-file.js";
import type { EgressRule } from "../../../src/domain/egress/rules.js";
import type { Before } from "./git.js";

type Files = ReadonlyMap<string, string>;

/** What the host keeps of egress, in memory, and the part of an egress container that reads it. */
export interface FakeEgress extends EgressStore {
  memory: RememberedPolicy;
  saved: readonly EgressRule[];
  /** Networks this machine has routes to. */
  readonly hostRoutes: Cidr[];
  /** Directory of an egress container's configuration → its files. */
  readonly configs: Map<string, Files>;
  /** What agents read of their policies, by agent name. */
  readonly policies: Map<string, string>;
  /** Directory of an audit log → its text. */
  readonly audits: Map<string, string>;
  /** What an egress container says when it is told of a configuration that it cannot serve. */
  problem: string | undefined;
  /** Egress containers take up no configuration any more. */
  isDeaf: boolean;
  /** What an egress container does when it starts or is told to: it runs with its configuration as it is. */
  reload(this: void, spec: ContainerSpec): void;
}

export function createFakeEgress(before: Before = () => undefined): FakeEgress {
  const applied = new Map<string, string>();
  /** Directory of an audit log → what is wrong with which generation. */
  const problems = new Map<string, { generation: string; text: string }>();
  const seals = new Map<string, string>();
  const generationOf = (files: Files | undefined) => files?.get(GENERATION_FILE)?.trim();
  const change = async (operation: string, subject: string, work: () => void) => {
    await before(`egress.${operation}`, subject);
    work();
  };
  /** `shared` or the agent's name: the directory above `config` and `audit`. */
  const ownerOf = (directory: string) => path.basename(path.dirname(directory));
  const fake: FakeEgress = {
    memory: { entries: [], private: [], profiles: new Map() },
    saved: [],
    hostRoutes: [],
    configs: new Map(),
    policies: new Map(),
    audits: new Map(),
    problem: undefined,
    isDeaf: false,
    reload(spec) {
      const sourceOf = (at: string) => spec.mounts.find((mount) => mount.containerPath === at)?.hostPath;
      const [config, audit] = [sourceOf("/etc/egress"), sourceOf("/var/log/egress")];
      if (config === undefined || audit === undefined || fake.isDeaf) return;
      const generation = generationOf(fake.configs.get(config));
      if (generation === undefined) throw new Error(`the mount's source ${config} is missing`);
      if (fake.problem === undefined) applied.set(audit, generation);
      else problems.set(audit, { generation, text: fake.problem });
    },
    routes: () => Promise.resolve([...fake.hostRoutes]),
    addresses: () => ["192.0.2.10"],
    loadMemory: () => Promise.resolve(fake.memory),
    saveMemory: (memory) => change("memory", "", () => (fake.memory = memory)),
    loadRules: () => Promise.resolve(fake.saved),
    saveRules: (rules) => change("rules", "", () => (fake.saved = rules)),
    writeConfig: ({ config }, files) =>
      change("config", ownerOf(config), () => fake.configs.set(config, files)),
    findWritten: ({ config }) => Promise.resolve(generationOf(fake.configs.get(config))),
    findApplied: ({ audit }) => Promise.resolve(applied.get(audit)),
    forgetApplied({ audit }) {
      applied.delete(audit);
      return Promise.resolve();
    },
    findProblem({ audit }, generation) {
      const found = problems.get(audit);
      return Promise.resolve(found?.generation === generation ? found.text : undefined);
    },
    loadSeal: ({ name }) => Promise.resolve(seals.get(name)),
    saveSeal: ({ name }, seal) => change("seal", name, () => seals.set(name, seal)),
    readAudit: ({ audit }) => Promise.resolve(fake.audits.get(audit) ?? ""),
    writePolicy: (directory, text) =>
      change("policy", path.basename(directory), () => fake.policies.set(path.basename(directory), text)),
    listOwners: () => {
      const owners = [...fake.configs.keys(), ...fake.audits.keys()].map(ownerOf);
      return Promise.resolve([...new Set(owners)].filter((owner) => owner !== "shared"));
    },
    describeLog({ audit }) {
      const text = fake.audits.get(audit);
      return Promise.resolve(text === undefined ? undefined : { bytes: text.length, lastMs: 0 });
    },
    removeLog: ({ audit }) => change("remove log", ownerOf(audit), () => fake.audits.delete(audit)),
    removeConfig: ({ config }) => change("remove", ownerOf(config), () => fake.configs.delete(config)),
    forgetAgent: ({ name }) =>
      change("forget", name, () => {
        const profiles = new Map([...fake.memory.profiles].filter(([agent]) => agent !== name));
        fake.memory = { ...fake.memory, profiles };
        fake.saved = fake.saved.filter(({ agent, action }) => agent !== name || action === "deny");
        fake.policies.delete(name);
        seals.delete(name);
      }),
  };
  return fake;
}
