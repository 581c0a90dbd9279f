import { DEFAULT_SETTINGS } from "../domain/settings/settings.js";
import { findClosest } from "./closest.js";
import type { SettingPath } from "./locate.js";
import { isTable, type TomlTable } from "./parse.js";
import { showText } from "../base/show-text.js";
import { showValue } from "./show-value.js";

/** devkit.toml, overlay.toml, or the Compose file of an overlay. */
export type FileKind = "project" | "overlay" | "compose";

/** A mistake by the name of its setting; its place in the file is looked up later. */
export interface Finding {
  readonly path: SettingPath;
  readonly part: "key" | "value";
  readonly message: string;
  readonly hint?: string;
}

/** `[[check]]`: not a table but a list of them. */
const LIST = "check";

const TABLES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(DEFAULT_SETTINGS).map(([table, settings]) => [
    table,
    // Its tables are judged one by one, where their values are.
    table === LIST ? [] : Object.keys(settings as object),
  ]),
);

/** What says something of the repository as a whole: an overlay cannot set it. */
const PROJECT_ONLY: readonly string[] = [
  ...["workspace", "tasks", "project.overlays", "project.profiles", "caches.trust"],
];

/** Keys at the top that only an overlay has. */
const OVERLAY_ONLY: readonly string[] = ["description", "extends"];

/** What a file may hold at its top. */
const TOP_LEVEL: Readonly<Record<FileKind, readonly string[]>> = {
  project: Object.keys(TABLES),
  overlay: [...Object.keys(TABLES).filter((table) => !PROJECT_ONLY.includes(table)), ...OVERLAY_ONLY],
  compose: ["image", "container"],
};

/** Splits a file into what the schema can judge, and findings about keys that do not belong there. */
export function checkShape(data: TomlTable, kind: FileKind): { known: TomlTable; findings: Finding[] } {
  const known: [string, unknown][] = [];
  const findings: Finding[] = [];
  for (const [key, value] of Object.entries(data)) {
    const keys = TABLES[key];
    if (!TOP_LEVEL[kind].includes(key)) findings.push(unknownAtTop(key, value, kind));
    else if (keys === undefined) known.push([key, value]);
    else if (key === LIST) known.push([key, value]);
    // `agent = 2` says whom an overlay is for.
    else if (kind === "overlay" && key === "agent" && !isTable(value)) known.push([key, value]);
    else if (!isTable(value)) {
      findings.push({ path: [key], part: "key", message: `${key} must be a table, not ${showValue(value)}` });
    } else {
      known.push([key, value]);
      const unknown = Object.keys(value).filter((name) => !keys.includes(name));
      findings.push(...unknown.map((name) => unknownInTable(key, name, keys)));
      if (kind === "overlay") findings.push(...projectOnly(key, Object.keys(value)));
    }
  }
  return { known: Object.fromEntries(known), findings };
}

function projectOnly(table: string, names: readonly string[]): Finding[] {
  const refused = names.filter((name) => PROJECT_ONLY.includes(`${table}.${name}`));
  return refused.map((name) => ({
    path: [table, name],
    part: "key",
    message: `an overlay cannot set ${table}.${name}`,
    hint: "devkit.toml can",
  }));
}

function unknownAtTop(key: string, value: unknown, kind: FileKind): Finding {
  const name = showText(key);
  const message = isTable(value) ? `unknown table [${name}]` : `unknown key "${name}"`;
  return { path: [key], part: "key", message, hint: topHint(key, kind) };
}

function topHint(key: string, kind: FileKind): string {
  if (kind === "overlay" && PROJECT_ONLY.includes(key))
    return `an overlay cannot set [${key}]; devkit.toml can`;
  if (kind === "project" && OVERLAY_ONLY.includes(key)) return `only an overlay has "${key}"`;
  const top = TOP_LEVEL[kind];
  const close = findClosest(key, top);
  if (close !== undefined) return `did you mean "${close}"?`;
  const inner = findClosest(
    key,
    top.flatMap((name) => TABLES[name] ?? []),
  );
  const table = top.find((name) => inner !== undefined && TABLES[name]?.includes(inner));
  if (inner === undefined || table === undefined) return `there are: ${top.join(", ")}`;
  return inner === key ? `"${key}" belongs in [${table}]` : `did you mean "${inner}" in [${table}]?`;
}

function unknownInTable(table: string, name: string, keys: readonly string[]): Finding {
  return {
    path: [table, name],
    part: "key",
    message: `unknown key "${showText(name)}" in [${table}]`,
    hint: innerHint(table, name, keys),
  };
}

function innerHint(table: string, name: string, keys: readonly string[]): string {
  const home = Object.keys(TABLES).find((other) => TABLES[other]?.includes(name));
  if (home !== undefined) return `"${name}" belongs in [${home}]`;
  const close = findClosest(name, keys);
  return close === undefined ? `[${table}] has: ${keys.join(", ")}` : `did you mean "${close}"?`;
}
