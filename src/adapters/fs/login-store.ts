import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { mkdir, readdir, realpath } from "node:fs/promises";
import path from "node:path";
import type { LoginPool, LoginStore, PoolSlot } from "../../app/ports-logins.js";
import type { Progress } from "../../app/ports.js";
import { DevkitError } from "../../base/errors.js";
import type { Project } from "../../domain/identity/project.js";
import { LOGIN_LIMIT } from "../../domain/logins/login-json.js";
import type { LoginKind } from "../../domain/logins/login-kinds.js";
import {
  formatGiven,
  formatLoginRegistry,
  parseGiven,
  parseLoginRegistry,
  type LoginRegistry,
} from "../../domain/logins/login-registry.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { readIfThere } from "./egress-folders.js";
import { findInside, findMode } from "./inside.js";
import { createFileLocks } from "./locks.js";
import { isThere } from "./project-dir.js";
import { readImport } from "./read-import.js";
import { reasonOf } from "./reason-of.js";
import { withFileErrors } from "./translate.js";

export interface LoginStoreOptions {
  readonly project: Project;
  /** The user's home directory and variables. */
  readonly home: string;
  readonly env: Readonly<Partial<Record<string, string>>>;
  /** Asked for only when it is read. */
  readonly stdin: () => AsyncIterable<unknown>;
  readonly progress: Pick<Progress, "warn">;
  readonly signal: AbortSignal;
}

/** Beside an agent's home: what it was given. */
const GIVEN = "logins.json";
const EMPTY: LoginRegistry = { holdings: [], spent: [] };

/** The registry is beside the state of the user's projects, as that of ports is. */
export function createLoginStore(options: LoginStoreOptions): LoginStore {
  const { project, progress, signal } = options;
  const directory = path.dirname(project.stateDir);
  const file = path.join(directory, "logins.json");
  const lockDir = path.join(directory, "locks");
  const locks = createFileLocks({ directory: lockDir, progress, signal });
  const load = async () =>
    readRegistry(file, await withFileErrors(`cannot read ${file}`, () => readIfThere(file)));
  return {
    load,
    async change(work) {
      // Closed to others from the start: the lock would make it open to all.
      await withFileErrors(`cannot make ${lockDir}`, () => mkdir(lockDir, { recursive: true, mode: 0o700 }));
      return locks.hold("logins", async () =>
        work(await load(), (registry) => replaceFile(file, formatLoginRegistry(registry), undefined, 0o600)),
      );
    },
    loadGiven: async ({ state }) => parseGiven((await readIfThere(path.join(state, GIVEN))) ?? ""),
    async saveGiven({ state }, given) {
      await withFileErrors(`cannot make ${state}`, () => mkdir(state, { recursive: true, mode: 0o700 }));
      await replaceFile(path.join(state, GIVEN), formatGiven(given), undefined, 0o600);
    },
    listPool: (pool, kind) => listPool(project, pool, kind),
    readImport: (from) => readImport({ file: from, stdin: options.stdin, signal }),
    loadOwn({ variable, directory: own, file: name }) {
      const said = options.env[variable];
      const dir = said === undefined || said === "" ? path.join(options.home, own) : path.resolve(said);
      const at = path.join(dir, name);
      return { file: at, text: readOwn(at) };
    },
    modeIn: (home, inHome) => findMode(home, inHome),
  };
}

/** An agent that is gone holds nothing: what it was given went with its state directory. */
function readRegistry(file: string, text: string | undefined): LoginRegistry {
  if (text === undefined) return EMPTY;
  const parsed = parseLoginRegistry(text);
  if (parsed.ok) {
    const { holdings, spent } = parsed.registry;
    return { spent, holdings: holdings.filter(({ state }) => isThere(path.join(state, GIVEN))) };
  }
  throw new DevkitError("E_LOGIN_REGISTRY", `${file} cannot be read: ${parsed.problem}`, {
    hint: `look at it, or begin anew; agents keep their logins, but slots count as free: mv ${file} ${file}.broken`,
    details: { file },
  });
}

async function listPool(project: Project, pool: string, { file }: LoginKind): Promise<LoginPool> {
  const real = await realpath(pool).catch((error: unknown) => {
    throw poolError(pool, `cannot be opened: ${reasonOf(error)}`);
  });
  // What files of the repository name inside of it needs no approval: then it has to be there, and not be an agent's.
  if (isBelow(pool, project.root) && (!isBelow(real, project.root) || isBelow(real, project.devkitDir)))
    throw poolError(pool, "is in the repository, but leads out of it or to where agents write");
  const entries = await readdir(real, { withFileTypes: true }).catch((error: unknown) => {
    throw poolError(pool, `cannot be read: ${reasonOf(error)}`);
  });
  const names = entries.filter((one) => !one.isFile() && /^[^.\p{C}][^\p{C}]*$/u.test(one.name));
  const slots = names.map(({ name }): PoolSlot => ({ name, text: readSlot(real, name, file) }));
  return { path: real, slots: slots.sort(byNature()) };
}

/** A collator costs a tenth of devkit's start: only for pools. */
function byNature(): (a: PoolSlot, b: PoolSlot) => number {
  const collator = new Intl.Collator("en", { numeric: true });
  return (a, b) => collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1);
}

function isBelow(file: string, directory: string): boolean {
  return file === directory || file.startsWith(`${directory}/`);
}

/** Never through a link: a pool can have come with the repository. */
function readSlot(pool: string, slot: string, file: string): string | undefined {
  return findInside(pool, slot, (at) => readHostileFile(`${at}/${file}`, LOGIN_LIMIT));
}

function poolError(pool: string, problem: string): DevkitError {
  return new DevkitError("E_LOGIN_POOL", `the pool ${pool} ${problem}`, {
    hint: `it needs a directory for each login: mkdir -p ${pool}/1`,
    details: { pool },
  });
}

/** A file of the user's, who may well have made it a link. */
function readOwn(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const info = fstatSync(descriptor);
    return info.isFile() && info.size <= LOGIN_LIMIT ? readFileSync(descriptor, "utf8") : undefined;
  } finally {
    closeSync(descriptor);
  }
}
