import { isMap, isScalar, isSeq, type Node } from "yaml";
import { quoteText } from "../../base/show-text.js";
import { findClosest } from "../closest.js";
import { interpolate, type Variables } from "../interpolate.js";
import { variableFinding } from "../interpolate-settings.js";
import type { SettingPath } from "../locate.js";
import type { Finding } from "../shape.js";
import { showValue } from "../show-value.js";
import type { YamlPlace, YamlTree } from "../yaml-tree.js";

/** A value of a Compose file and the way to it, such as `services`, `app`, `volumes`, 0. */
export interface ComposeValue {
  readonly path: SettingPath;
  readonly node: Node | undefined;
  readonly place: YamlPlace;
}

export interface ComposeEntry extends ComposeValue {
  readonly key: string;
}

/** A Compose file while it is read into settings: each mistake is kept, and the reading goes on. */
export interface ComposeFile {
  readonly variables: Variables;
  readonly findings: Finding[];
  refuse(value: ComposeValue, message: string, hint?: string, part?: "key" | "value"): void;
  /** None when it is not a map; keys that start with `x-` are anyone's own. */
  entries(value: ComposeValue): readonly ComposeEntry[];
  /** Undefined when it is not a list. */
  items(value: ComposeValue): readonly ComposeValue[] | undefined;
  isMap(value: ComposeValue): boolean;
  isNull(value: ComposeValue): boolean;
  isBoolean(value: ComposeValue): boolean;
  isTrue(value: ComposeValue): boolean;
  /** Text or a number as it is spelled, with variables put in. */
  text(value: ComposeValue): string | undefined;
  /** The keys of a map that are read; any other is refused, with its reason where there is one. */
  keys(
    value: ComposeValue,
    known: readonly string[],
    reasons?: Readonly<Record<string, string>>,
  ): ReadonlyMap<string, ComposeEntry>;
  /** Says what a setting is, once. */
  set(
    path: readonly [table: string, key: string, ...rest: SettingPath],
    value: unknown,
    from: ComposeValue,
  ): void;
}

/** Settings as they come in: by table, key, and name or position. */
export type ComposeSettings = Map<string, { readonly path: SettingPath; readonly value: unknown }>;

export interface ComposeSink {
  readonly settings: ComposeSettings;
  /** By the JSON of a path, of settings and of the Compose file. */
  readonly places: Map<string, YamlPlace>;
  readonly names: Map<string, string>;
}

type Look = Pick<ComposeFile, "refuse" | "entries" | "items" | "isMap" | "isNull" | "isBoolean" | "isTrue">;

/** What there is, and complaints about it. */
function createLook(tree: YamlTree, { places }: ComposeSink, findings: Finding[]): Look {
  const remember = <T extends ComposeValue>(value: T): T => {
    places.set(JSON.stringify(value.path), value.place);
    return value;
  };
  const refuse: Look["refuse"] = (value, message, hint, part = "value") => {
    const text = `${nameOf(value)} ${message}`;
    findings.push({
      path: remember(value).path,
      part,
      message: text,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const scalar = (value: ComposeValue): unknown => {
    const node = tree.follow(value.node);
    return isScalar(node) ? node.value : undefined;
  };
  return {
    refuse,
    entries(value) {
      const node = tree.follow(value.node);
      if (isMap(node)) {
        const path = (key: string) => [...value.path, key];
        return tree.entries(node).map((entry) => remember({ ...entry, path: path(entry.key) }));
      }
      refuse(value, `must be a map, not ${describe(node)}`);
      return [];
    },
    items(value) {
      const list = tree.follow(value.node);
      if (!isSeq(list)) return undefined;
      return (list.items as Node[]).map((node, index) => {
        const at = node.range?.[0] ?? value.place.value;
        return remember({ path: [...value.path, index], node, place: { key: at, value: at } });
      });
    },
    isMap: (value) => isMap(tree.follow(value.node)),
    isNull: (value) => tree.follow(value.node) === undefined || scalar(value) === null,
    isBoolean: (value) => typeof scalar(value) === "boolean",
    isTrue: (value) => scalar(value) === true,
  };
}

export function createComposeFile(tree: YamlTree, variables: Variables, sink: ComposeSink): ComposeFile {
  const { settings, places, names } = sink;
  const findings: Finding[] = [];
  const look = createLook(tree, sink, findings);
  return {
    ...look,
    variables,
    findings,
    text(value) {
      const node = tree.follow(value.node);
      const raw = isScalar(node) ? scalarText(node.value, node.source) : undefined;
      if (raw === undefined) {
        look.refuse(value, `must be text, not ${describe(node)}`);
        return undefined;
      }
      const result = interpolate(raw, variables);
      if (result.ok) return result.text;
      places.set(JSON.stringify(value.path), value.place);
      findings.push(variableFinding(value.path, nameOf(value), result));
      return undefined;
    },
    keys(value, known, reasons = {}) {
      const entries = look.entries(value).filter(({ key }) => !key.startsWith("x-"));
      for (const entry of entries) if (!known.includes(entry.key)) refuseKey(look, entry, known, reasons);
      return new Map(entries.map((entry) => [entry.key, entry]));
    },
    set(path, value, from) {
      const id = JSON.stringify(path);
      const before = settings.get(id);
      if (before !== undefined && before.value !== value) {
        look.refuse(from, `says something else than ${names.get(id) ?? ""}`, "say it once", "key");
        return;
      }
      settings.set(id, { path, value });
      places.set(id, from.place);
      names.set(id, nameOf(from));
    },
  };
}

/** `volumes[0]`, without the service that it belongs to. */
export function nameOf({ path }: ComposeValue): string {
  const inner = path[0] === "services" ? path.slice(path.length > 2 ? 2 : 0) : path;
  const parts = inner.map((part, index) => {
    if (typeof part === "number") return `[${String(part)}]`;
    const name = /^[\w.-]+$/.test(part) ? part : quoteText(part);
    return index === 0 ? name : `.${name}`;
  });
  return parts.length === 0 ? "the file" : parts.join("");
}

function refuseKey(
  look: Look,
  entry: ComposeEntry,
  known: readonly string[],
  reasons: Readonly<Record<string, string>>,
): void {
  const reason = Object.hasOwn(reasons, entry.key) ? reasons[entry.key] : undefined;
  const close = findClosest(entry.key, known);
  const hint =
    reason ?? (close === undefined ? `there are: ${known.join(", ")}` : `did you mean "${close}"?`);
  look.refuse(entry, "is not part of what devkit takes of the Compose specification", hint, "key");
}

function scalarText(value: unknown, source: string | undefined): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" ? (source ?? String(value)) : undefined;
}

function describe(node: Node | undefined): string {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  return isScalar(node) && node.value !== null ? showValue(node.value) : "empty";
}
