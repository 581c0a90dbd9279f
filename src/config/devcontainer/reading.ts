import type { Variables as UserVariables } from "../interpolate.js";
import { quoteText } from "../../base/show-text.js";
import { findClosest } from "../closest.js";
import type { Settings } from "../../domain/settings/settings.js";
import type { SettingPath } from "../locate.js";
import type { Finding } from "../shape.js";
import { showValue } from "../show-value.js";
import { PARENTS } from "./properties.js";

/** Something worth knowing that keeps nobody from going on. */
export interface Note {
  readonly path: SettingPath;
  readonly message: string;
}

/** What the readers of single properties share: what they read from, and what they write to. */
export interface Reading {
  /** The file with its variables replaced. */
  readonly data: unknown;
  /** The repository's root, which the specification calls the local workspace folder. */
  readonly root: string;
  /** The directory of devcontainer.json. */
  readonly dir: string;
  /** What holds without this file. */
  readonly below: Settings;
  /** Where the specification has the worktree. */
  readonly workspacePlace: string;
  readonly env: UserVariables;
  /** What is set so far. */
  readonly known: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Sets one setting, `from` the place in the file; a later call wins. */
  readonly set: (setting: readonly [string, string], value: unknown, from: SettingPath) => void;
  /** Adds to a list. */
  readonly add: (setting: readonly [string, string], value: unknown, from: SettingPath) => void;
  /** Sets a member of a table of text; undefined takes it back. */
  readonly put: (
    setting: readonly [string, string, string],
    value: string | undefined,
    from: SettingPath,
  ) => void;
  readonly refuse: (
    path: SettingPath,
    message: string,
    more?: Partial<Pick<Finding, "part" | "hint">>,
  ) => void;
  /** The same for what a file may well ask for and agents cannot have; the hint says how to leave it out. */
  readonly unsupported: Reading["refuse"];
  readonly note: (path: SettingPath, message: string) => void;
  /** The value if it is text; else that is a finding. */
  readonly text: (value: unknown, path: SettingPath) => string | undefined;
  readonly list: (value: unknown, path: SettingPath) => readonly unknown[];
  /** The members of an object. */
  readonly members: (value: unknown, path: SettingPath) => readonly [string, unknown][];
}

export interface Read {
  readonly reading: Reading;
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** The place in the file that a setting comes from, or the nearest one around it. */
  readonly sourceOf: (setting: SettingPath) => SettingPath;
}

/** A property for messages: `build.args`. */
export function nameOf(path: SettingPath): string {
  const names = path.filter((key) => typeof key === "string");
  return names.length === path.length ? names.join(".") : `each of ${names.join(".")}`;
}

type Input = Pick<Reading, "data" | "root" | "dir" | "below" | "workspacePlace" | "env">;

export function createReading(input: Input): Read {
  const findings: Finding[] = [];
  const notes: Note[] = [];
  const refuse: Reading["refuse"] = (path, message, more = {}) => {
    findings.push({ path, part: "value", message, ...more });
  };
  const note: Reading["note"] = (path, message) => {
    notes.push({ path, message });
  };
  const unsupported: Reading["refuse"] = (path, message, more = {}) => {
    refuse(path, message, { hint: ignoreHint(path), ...more });
  };
  const { sourceOf, ...asked } = createAsked();
  const reading = { ...input, ...asked, ...createChecks(refuse), refuse, unsupported, note };
  return { reading, findings, notes, sourceOf };
}

/** The settings asked for so far, and the place of each. */
function createAsked(): Pick<Reading, "known" | "set" | "add" | "put"> & Pick<Read, "sourceOf"> {
  const known: Record<string, Record<string, unknown>> = {};
  const sources = new Map<string, SettingPath>();
  const from = (setting: SettingPath, path: SettingPath) => sources.set(JSON.stringify(setting), path);
  const tableOf = (name: string) => (known[name] ??= {});
  return {
    known,
    set(setting, value, path) {
      tableOf(setting[0])[setting[1]] = value;
      from(setting, path);
    },
    add(setting, value, path) {
      const list = (tableOf(setting[0])[setting[1]] ??= []) as unknown[];
      from([...setting, list.length], path);
      if (list.length === 0) from(setting, path);
      list.push(value);
    },
    put([table, key, name], value, path) {
      const members = tableOf(table)[key] as Record<string, string> | undefined;
      const others = Object.entries(members ?? {}).filter(([one]) => one !== name);
      tableOf(table)[key] = Object.fromEntries(value === undefined ? others : [...others, [name, value]]);
      from([table, key, name], path);
    },
    sourceOf(setting) {
      for (let length = setting.length; length > 0; length -= 1) {
        const found = sources.get(JSON.stringify(setting.slice(0, length)));
        if (found !== undefined) return found;
      }
      return [];
    },
  };
}

/** Values of the kind that a property must have, or a finding. */
function createChecks(refuse: Reading["refuse"]): Pick<Reading, "text" | "list" | "members"> {
  const mustBe = (value: unknown, path: SettingPath, what: string) => {
    refuse(path, `${nameOf(path)} must be ${what}, not ${value === null ? "null" : showValue(value)}`);
  };
  return {
    text(value, path) {
      if (typeof value === "string") return value;
      mustBe(value, path, "text");
      return undefined;
    },
    list(value, path) {
      if (Array.isArray(value)) return value as unknown[];
      mustBe(value, path, "a list");
      return [];
    },
    members(value, path) {
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
      mustBe(value, path, "an object");
      return [];
    },
  };
}

/** `did you mean "x"?`, or which there are. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const close = findClosest(name, candidates);
  return close === undefined ? `there are: ${candidates.join(", ")}` : `did you mean "${close}"?`;
}

/** How to have a property left out. */
function ignoreHint([first, second]: SettingPath): string {
  const name = PARENTS.includes(String(first)) ? `${String(first)}.${String(second)}` : String(first);
  return `to leave it out for agents, add "customizations": { "devkit": { "ignore": [${quoteText(name)}] } }`;
}
