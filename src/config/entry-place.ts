import { formatOrigin } from "./format-origin.js";
import type { Origin } from "./layer.js";

/** Where an entry of a list that layers add to was asked for first: `devkit.toml:3:10`. */
export function entryPlace(
  origins: ReadonlyMap<string, Origin>,
  key: string,
  entry: string,
): string | undefined {
  const found = origins.get(key)?.entries?.find(({ value }) => value === entry);
  return found && formatOrigin(found.origin);
}
