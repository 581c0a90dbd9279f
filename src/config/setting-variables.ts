import path from "node:path";
import type { Variables } from "./interpolate.js";

/** The user's environment, and two names for places: the primary's root, and the directory it is in. */
export function settingVariables(env: Readonly<Partial<Record<string, string>>>, root: string): Variables {
  const own: Readonly<Partial<Record<string, string>>> = {
    DEVKIT_ROOT: root,
    DEVKIT_DEV_ROOT: path.dirname(root),
  };
  const valueOf = (names: typeof own, name: string) => (Object.hasOwn(names, name) ? names[name] : undefined);
  return (name) => valueOf(own, name) ?? valueOf(env, name);
}
