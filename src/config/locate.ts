import type { AST } from "toml-eslint-parser";
import type { Position } from "./problems.js";

export type SettingPath = readonly (string | number)[];

/** Finds where a setting is written: its key or its value. Undefined when the file does not have it. */
export type Locate = (path: SettingPath, part: "key" | "value") => Position | undefined;

interface Place {
  readonly key: number;
  readonly value: number;
}

type Places = Map<string, Place>;

/** No setting lies deeper, and each level of a path costs all of the path. */
const MAX_DEPTH = 8;

/** Loads the parser that knows positions, so call it only when one is needed. */
export async function createLocate(text: string): Promise<Locate> {
  const places: Places = new Map();
  for (const node of await parseNodes(text)) {
    if (node.type === "TOMLTable") addTable(places, node);
    else addKeyValue(places, [], node);
  }
  return (path, part) => {
    const place = places.get(JSON.stringify(path));
    return place === undefined ? undefined : positionAt(text, place[part]);
  };
}

/** Nothing for the rare text that `@iarna/toml` takes and this parser does not: better no position than no answer. */
async function parseNodes(text: string): Promise<AST.TOMLTopLevelTable["body"]> {
  const { ParseError, parseTOML } = await import("toml-eslint-parser");
  try {
    return parseTOML(text, { tomlVersion: "1.0" }).body[0].body;
  } catch (error) {
    if (error instanceof ParseError) return [];
    throw error;
  }
}

/** The position of an offset in UTF-16 units. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: Array.from(before.slice(lineStart)).length + 1 };
}

/** The text of a line, counted from 1. */
export function lineAt(text: string, line: number): string {
  return text.split("\n")[line - 1] ?? "";
}

function addTable(places: Places, table: AST.TOMLTable): void {
  addKeys(places, [], table.key, table.range[0]);
  if (table.resolvedKey.length > MAX_DEPTH) return;
  add(places, table.resolvedKey, { key: table.key.range[0], value: table.range[0] });
  for (const entry of table.body) addKeyValue(places, table.resolvedKey, entry);
}

function addKeyValue(places: Places, parent: SettingPath, entry: AST.TOMLKeyValue): void {
  const path = addKeys(places, parent, entry.key, entry.value.range[0]);
  addContent(places, path, entry.value);
}

/** Each part of a dotted key is a setting of its own; returns the path of the last. */
function addKeys(places: Places, parent: SettingPath, key: AST.TOMLKey, value: number): SettingPath {
  let path = parent;
  for (const part of key.keys.slice(0, MAX_DEPTH)) {
    path = [...path, part.type === "TOMLBare" ? part.name : part.value];
    add(places, path, { key: part.range[0], value });
  }
  return path;
}

function addContent(places: Places, path: SettingPath, content: AST.TOMLContentNode): void {
  if (path.length > MAX_DEPTH) return;
  if (content.type === "TOMLInlineTable") {
    for (const entry of content.body) addKeyValue(places, path, entry);
  } else if (content.type === "TOMLArray") {
    for (const [index, element] of content.elements.entries()) {
      add(places, [...path, index], { key: element.range[0], value: element.range[0] });
      addContent(places, [...path, index], element);
    }
  }
}

/** The first mention wins: later ones only add to the same table. */
function add(places: Places, path: SettingPath, place: Place): void {
  const name = JSON.stringify(path);
  if (!places.has(name)) places.set(name, place);
}
