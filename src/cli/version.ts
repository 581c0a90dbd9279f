import { createRequire } from "node:module";

/** The version in package.json, which stands one level above both `src` and `dist`. */
export function readVersion(): string {
  const require = createRequire(import.meta.url);
  for (const file of ["../package.json", "../../package.json"]) {
    try {
      return (require(file) as { version: string }).version;
    } catch {
      // Built, the program is one level below the package; from source, two.
    }
  }
  return "0.0.0";
}
