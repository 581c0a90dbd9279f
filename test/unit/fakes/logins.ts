import type { LoginStore, PoolSlot } from "../../../src/app/ports-logins.js";
import type { GivenLogin, LoginRegistry } from "../../../src/domain/logins/login-registry.js";
import type { LoginTool } from "../../../src/domain/logins/login.js";

/** Logins of a user in memory. */
export interface FakeLogins extends LoginStore {
  registry: LoginRegistry;
  /** By state directory. */
  readonly given: Map<string, readonly GivenLogin[]>;
  /** By path. */
  readonly pools: Map<string, readonly PoolSlot[]>;
  readonly imports: Map<string, string>;
  readonly own: Map<LoginTool, string>;
  readonly modes: Map<string, number>;
  /** Thrown by whoever reads the registry. */
  broken: Error | undefined;
}

export function createFakeLogins(): FakeLogins {
  const load = () =>
    fake.broken === undefined ? Promise.resolve(fake.registry) : Promise.reject(fake.broken);
  const fake: FakeLogins = {
    registry: { holdings: [], spent: [] },
    given: new Map(),
    pools: new Map(),
    imports: new Map(),
    own: new Map(),
    modes: new Map(),
    broken: undefined,
    load,
    change: async (work) =>
      work(await load(), (registry) => {
        fake.registry = registry;
        return Promise.resolve();
      }),
    loadGiven: ({ state }) => Promise.resolve(fake.given.get(state) ?? []),
    saveGiven({ state }, given) {
      fake.given.set(state, given);
      return Promise.resolve();
    },
    listPool: (pool) => Promise.resolve({ path: pool, slots: fake.pools.get(pool) ?? [] }),
    readImport: (file) => Promise.resolve(fake.imports.get(file) ?? ""),
    loadOwn: ({ tool, directory, file }) => ({
      file: `/home/tess/${directory}/${file}`,
      text: fake.own.get(tool),
    }),
    modeIn: (home, file) => fake.modes.get(`${home}/${file}`) ?? 0o600,
  };
  return fake;
}
