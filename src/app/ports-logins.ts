/** The logins of a user as the use-cases see them: what agents were given, pools, and the user's own. */
import type { LoginKind } from "../domain/logins/login-kinds.js";
import type { GivenLogin, LoginRegistry } from "../domain/logins/login-registry.js";
import type { AgentPaths } from "../domain/identity/project.js";

/** One directory of a pool. */
export interface PoolSlot {
  readonly name: string;
  /** Undefined: there is no plain file of a login's size. */
  readonly text: string | undefined;
}

export interface LoginPool {
  /** The real path. */
  readonly path: string;
  /** In natural order: `2` before `10`. */
  readonly slots: readonly PoolSlot[];
}

/** Writes the registry whole, before what it says is done. */
export type SaveRegistry = (registry: LoginRegistry) => Promise<void>;

/** Errors: those of files. */
export interface LoginStore {
  /** What agents of all projects were given, those that are gone left out. @throws DevkitError E_LOGIN_REGISTRY */
  load(): Promise<LoginRegistry>;
  /** The same while no other devkit of this user changes it. @throws DevkitError E_LOGIN_REGISTRY */
  change<T>(work: (registry: LoginRegistry, save: SaveRegistry) => Promise<T>): Promise<T>;
  /** What this agent was given, as its state directory says. */
  loadGiven(paths: Pick<AgentPaths, "state">): Promise<readonly GivenLogin[]>;
  saveGiven(paths: Pick<AgentPaths, "state">, given: readonly GivenLogin[]): Promise<void>;
  /** @throws DevkitError E_LOGIN_POOL */
  listPool(pool: string, kind: LoginKind): Promise<LoginPool>;
  /** A file that the user names, or standard input for `-`. @throws DevkitError E_LOGIN */
  readImport(file: string): Promise<string>;
  /** Where the user's own login is, and what it is; undefined when there is none. */
  loadOwn(kind: LoginKind): { readonly file: string; readonly text: string | undefined };
  /** The mode of a plain file in a home; undefined when it is none. */
  modeIn(home: string, file: string): number | undefined;
}
