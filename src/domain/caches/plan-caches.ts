import { CONTAINER } from "../identity/names.js";
import type { CacheSettings } from "../settings/settings.js";
import { CACHE_NAMES, type CacheName } from "./cache-names.js";
import { CACHE_TABLE, type CacheMode } from "./cache-table.js";

export interface CacheUse {
  readonly tool: CacheName;
  readonly mode: CacheMode;
}

/** Something in an agent's HOME that leads a tool to its cache. */
export type HomeEntry =
  { readonly path: string; readonly target: string } | { readonly path: string; readonly text: string };

/** What one agent gets of the caches. */
export interface CachePlan {
  readonly uses: readonly CacheUse[];
  readonly env: Readonly<Record<string, string>>;
  readonly home: readonly HomeEntry[];
}

export function planCaches({ use, trust }: CacheSettings): CachePlan {
  const uses = CACHE_NAMES.filter((tool) => use.includes(tool)).map((tool): CacheUse => {
    const mode = trust === "readonly" ? "layered" : CACHE_TABLE[tool].mode;
    return { tool, mode };
  });
  const env = Object.assign({}, ...uses.map((one) => CACHE_TABLE[one.tool].env?.(placeOf(one)))) as Record<
    string,
    string
  >;
  return { uses, env, home: uses.flatMap(homeEntries) };
}

/** Container path of a tool's cache. */
export function placeOf({ tool, mode }: CacheUse): string {
  return `${CONTAINER.caches}/${mode}/${tool}`;
}

function homeEntries(use: CacheUse): HomeEntry[] {
  const { directories = {}, files = {}, settings = {} } = CACHE_TABLE[use.tool];
  const place = placeOf(use);
  return [
    ...Object.entries({ ...directories, ...files }).map(([path, at]) => ({ path, target: `${place}/${at}` })),
    ...Object.entries(settings).map(([path, text]) => ({ path, text: text(place) })),
  ];
}

/** Directories that a tool's place has to have, relative to it: what leads there must not lead nowhere. */
export function skeletonOf(tool: CacheName): string[] {
  return Object.values(CACHE_TABLE[tool].directories ?? {});
}

/** Everything in a HOME that could be devkit's, whatever the settings were: path → the texts it could have. */
export function knownHomeEntries(): ReadonlyMap<string, readonly string[]> {
  const plans = (["shared", "readonly"] as const).map((trust) => planCaches({ use: CACHE_NAMES, trust }));
  const known = new Map<string, string[]>();
  for (const entry of plans.flatMap(({ home }) => home)) {
    const texts = known.get(entry.path) ?? [];
    if ("text" in entry) texts.push(entry.text);
    known.set(entry.path, texts);
  }
  return known;
}

export const modesOf = ({ uses }: CachePlan): ReadonlySet<CacheMode> => new Set(uses.map(({ mode }) => mode));

/** `npm=shared maven=layered`, as a container's label records it. */
export function formatUses(uses: readonly CacheUse[]): string {
  return uses.map(({ tool, mode }) => `${tool}=${mode}`).join(" ");
}

/** What `formatUses` wrote; anything else is left out. */
export function parseUses(text: string): CacheUse[] {
  return text.split(" ").flatMap((word) => {
    const [name, mode] = word.split("=");
    const tool = CACHE_NAMES.find((one) => one === name);
    return tool !== undefined && (mode === "shared" || mode === "layered") ? [{ tool, mode }] : [];
  });
}
