import { readFileSync } from "node:fs";
import path from "node:path";
import { PACKAGE_DIR } from "./places.js";

/** The version in package.json. */
export function readVersion(): string {
  const text = readFileSync(path.join(PACKAGE_DIR, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
