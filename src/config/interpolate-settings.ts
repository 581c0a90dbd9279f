import { interpolate, type Variables } from "./interpolate.js";
import type { SettingPath } from "./locate.js";
import { isTable, type TomlTable } from "./parse.js";
import type { Finding } from "./shape.js";
import { showText } from "../base/show-text.js";

/**
 * Where variables are put in. Not in `hooks`, which are shell and have dollars of their own, nor in `egress`: what agents
 * may reach is to be read in the file, and not to depend on who runs devkit.
 */
const INTERPOLATED: Readonly<Record<string, readonly string[]>> = {
  image: ["base", "dockerfile", "context", "args", "target", "packages", "npm", "use"],
  container: ["env", "env_file", "mounts", "workdir", "command"],
};

/** The values of devkit.toml or overlay.toml with variables put in; what they cannot be put in stays as it is. */
export function interpolateSettings(
  values: TomlTable,
  variables: Variables,
): { values: TomlTable; findings: Finding[] } {
  const findings: Finding[] = [];
  const put = (value: unknown, path: SettingPath): unknown => {
    if (typeof value === "string") {
      const result = interpolate(value, variables);
      if (result.ok) return result.text;
      findings.push(variableFinding(path, path.filter((key) => typeof key === "string").join("."), result));
    }
    if (path.length > 2) return value;
    if (Array.isArray(value)) return value.map((item, index) => put(item, [...path, index]));
    return isTable(value) ? mapTable(value, (item, key) => put(item, [...path, key])) : value;
  };
  const mapped = mapTable(values, (content, table) => {
    const names = Object.hasOwn(INTERPOLATED, table) ? INTERPOLATED[table] : undefined;
    if (names === undefined || !isTable(content)) return content;
    return mapTable(content, (value, key) => (names.includes(key) ? put(value, [table, key]) : value));
  });
  return { values: mapped, findings };
}

export function variableFinding(
  path: SettingPath,
  name: string,
  { problem, hint }: { readonly problem: string; readonly hint: string },
): Finding {
  return { path, part: "value", message: `${showText(name)}: ${showText(problem)}`, hint: showText(hint) };
}

function mapTable(table: TomlTable, change: (value: unknown, key: string) => unknown): TomlTable {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, change(value, key)]));
}
