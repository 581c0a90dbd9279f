import { readdirSync } from "node:fs";

/** Names in a directory; none in one that is not there or cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
