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

/** Those that take no more than a variable: an agent without the tool has nothing of it. */
export const SHARED_BY_DEFAULT: readonly CacheName[] = [
  "npm",
  "pnpm",
  "pip",
  "uv",
  "cargo",
  "go",
  "coursier",
];
