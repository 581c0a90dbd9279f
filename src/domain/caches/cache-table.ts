import type { CacheName } from "./cache-names.js";

/**
 * shared: one directory for all agents, which the tool itself keeps whole while several write; layered: what the user
 * has adopted, read-only, below what this agent writes.
 */
export type CacheMode = "shared" | "layered";

/** What a tool keeps where, and how it is told. */
export interface CacheRule {
  /** The mode where agents are trusted; otherwise it is layered. */
  readonly mode: CacheMode;
  /** Why, in a sentence for the docs. */
  readonly why: string;
  /** Variables, given the container path of the tool's place. */
  readonly env?: (place: string) => Readonly<Record<string, string>>;
  /** Directories of the HOME that are links to directories of the place: path in the HOME → path in the place. */
  readonly directories?: Readonly<Record<string, string>>;
  /** The same for files, which the tool makes itself. */
  readonly files?: Readonly<Record<string, string>>;
  /** Settings that the tool reads from its HOME alone: path → text. */
  readonly settings?: Readonly<Record<string, (place: string) => string>>;
  /** Names of files that say who is writing; they mean nothing to anybody else. */
  readonly transient?: RegExp;
}

/**
 * Only downloads: nothing here holds credentials, settings or programs by name, so links lead to parts of what a tool
 * keeps, and the rest stays in the agent's HOME.
 */
export const CACHE_TABLE: Readonly<Record<CacheName, CacheRule>> = {
  npm: {
    mode: "shared",
    why: "cacache writes aside and renames, and checks each entry's hash when it reads; npx and logs stay private",
    directories: { ".npm/_cacache": "_cacache" },
  },
  pnpm: {
    mode: "shared",
    why: "the store is addressed by content and written by rename; its index is a database with locks",
    env: (place) => ({ pnpm_config_store_dir: place }),
    // Older ones read only npm's variables, and npm warns about those that it does not know.
    settings: { ".config/pnpm/rc": (place) => `store-dir=${place}\n` },
  },
  pip: {
    mode: "shared",
    why: "responses are written aside and renamed; wheels built here are not (/tmp is another file system), so they stay private",
    directories: { ".cache/pip/http-v2": "http-v2", ".cache/pip/http": "http" },
  },
  uv: {
    mode: "shared",
    why: "made for several at once: append-only, with file locks",
    // Links do not reach from one mount to another.
    env: (place) => ({ UV_CACHE_DIR: place, UV_LINK_MODE: "copy" }),
  },
  cargo: {
    mode: "shared",
    why: "downloads are guarded by flock on .package-cache, which is shared with them; sources are unpacked privately",
    // What one agent has not used for long, another may have.
    env: () => ({ CARGO_CACHE_AUTO_CLEAN_FREQUENCY: "never" }),
    directories: {
      ".cargo/registry/cache": "registry/cache",
      ".cargo/registry/index": "registry/index",
      ".cargo/git/db": "git/db",
    },
    files: {
      ".cargo/.package-cache": ".package-cache",
      ".cargo/.package-cache-mutate": ".package-cache-mutate",
    },
  },
  go: {
    mode: "shared",
    why: "each module is guarded by flock below cache/download and renamed into place",
    env: (place) => ({ GOMODCACHE: place }),
  },
  coursier: {
    mode: "shared",
    why: "each download has a lock file held by fcntl, written aside and renamed",
    env: (place) => ({ COURSIER_CACHE: place }),
  },
  ivy: {
    mode: "layered",
    why: "by default it locks nothing",
    directories: { ".ivy2/cache": "cache" },
  },
  sbt: {
    mode: "layered",
    why: "what is in boot runs; the global base (plugins, credentials) stays private",
    directories: { ".sbt/boot": "boot" },
    transient: /\.lock$/,
  },
  maven: {
    mode: "layered",
    why: "the local repository is not safe for several processes, and installed artifacts are in it",
    directories: { ".m2/repository": "repository" },
    transient: /(\.lock|\.part|\.lastUpdated)$/,
  },
  gradle: {
    mode: "layered",
    why: "a lock's owner is asked through a port of its loopback, which containers do not share",
    directories: { ".gradle/caches/modules-2": "modules-2", ".gradle/wrapper/dists": "dists" },
    transient: /(\.lock|\.lck|\.part|^gc\.properties)$/,
  },
};
