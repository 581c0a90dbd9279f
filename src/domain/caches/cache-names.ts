/** Tools whose downloads devkit can keep outside the agents' homes. */
export const CACHE_NAMES = [
  "npm",
  "pnpm",
  "pip",
  "uv",
  "cargo",
  "go",
  "coursier",
  "ivy",
  "sbt",
  "maven",
  "gradle",
] as const;

export type CacheName = (typeof CACHE_NAMES)[number];

/** Those that several may write at once: an agent without the tool has no more of it than a link. */
export const SHARED_BY_DEFAULT: readonly CacheName[] = [
  "npm",
  "pnpm",
  "pip",
  "uv",
  "cargo",
  "go",
  "coursier",
];
