import type { Variables } from "./interpolate.js";

/** Names of places, and what every program on this machine is told: nobody keeps a secret in them. */
const PLAIN: ReadonlySet<string> = new Set([
  "DEVKIT_ROOT",
  "DEVKIT_DEV_ROOT",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "TZ",
]);

/** The same variables, and the names of the user's own that were found by them. */
export function watchVariables(variables: Variables): { variables: Variables; found: () => string[] } {
  const names = new Set<string>();
  return {
    variables(name) {
      const value = variables(name);
      if (value !== undefined && !PLAIN.has(name)) names.add(name);
      return value;
    },
    found: () => [...names],
  };
}
