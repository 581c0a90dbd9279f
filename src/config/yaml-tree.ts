import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import { showText } from "../base/show-text.js";

/** Offsets into the text. */
export interface YamlPlace {
  readonly key: number;
  readonly value: number;
}

export interface YamlEntry {
  readonly key: string;
  readonly node: Node | undefined;
  readonly place: YamlPlace;
}

/** A YAML document whose aliases and merge keys are followed. */
export interface YamlTree {
  /** What an alias stands for; anything else as it is. */
  follow(node: Node | null | undefined): Node | undefined;
  /** Entries of a map; those that `<<` brings only where the map has none of its own. */
  entries(map: YAMLMap): readonly YamlEntry[];
}

export type Complain = (offset: number, message: string, hint?: string) => void;

const MAX_DEPTH = 32;
/** Maps that merge maps that merge maps double with each line. */
const MAX_MERGED = 10_000;

/** Looks at every node once and complains of what no settings file may have; what the tree then gives is bounded in size. */
export function createYamlTree(document: Document, complain: Complain): YamlTree {
  const targets = checkNodes(document, complain);
  let left = MAX_MERGED;
  const follow = (node: Node | null | undefined): Node | undefined =>
    isAlias(node) ? targets.get(node) : (node ?? undefined);

  const entries = (map: YAMLMap): YamlEntry[] => {
    const own: YamlEntry[] = [];
    const merged: YamlEntry[] = [];
    for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
      const name = keyText(key);
      const place = { key: startOf(key), value: startOf(value ?? key) };
      if (name === "<<") merged.push(...mergedEntries(value));
      else if (name !== undefined) own.push({ key: name, node: value ?? undefined, place });
    }
    const names = new Set(own.map((entry) => entry.key));
    const isFirst = ({ key }: YamlEntry) => !names.has(key) && names.add(key).has(key);
    return [...own, ...merged.filter(isFirst)];
  };

  const mergedEntries = (value: Node | null): YamlEntry[] => {
    const target = follow(value);
    const maps = isSeq(target) ? target.items.map((item) => follow(item as Node)) : [target];
    return maps.flatMap((one) => {
      if (isMap(one)) {
        const before = left;
        left -= 1 + one.items.length;
        if (before >= 0 && left < 0) complain(startOf(value), "<< brings too much together");
        return left < 0 ? [] : entries(one);
      }
      if (one !== undefined) complain(startOf(value), "<< takes a map, or a list of maps");
      return [];
    });
  };

  return { follow, entries };
}

/** What each alias stands for. */
function checkNodes(document: Document, complain: Complain): Map<Alias, Node> {
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const visit = (node: unknown, depth: number): void => {
    if (depth === MAX_DEPTH) complain(startOf(node as Node), "this is nested too deeply");
    if (depth >= MAX_DEPTH) return;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) complain(startOf(node), `there is no anchor &${showText(node.source)} above`);
      else targets.set(node, target);
      return;
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return;
    if (isMap(node)) visitMap(node, depth);
    else if (isSeq(node)) for (const item of node.items) visit(item, depth + 1);
    // Only now: an alias inside that names it would stand for what it is a part of.
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
  };
  const visitMap = (map: YAMLMap, depth: number): void => {
    const names = new Set<string>();
    for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
      const name = keyText(key);
      if (name === undefined) complain(startOf(key), "a key must be text");
      else if (names.has(name)) complain(startOf(key), `"${showText(name)}" is there twice`);
      else names.add(name);
      visit(key, depth + 1);
      visit(value, depth + 1);
    }
  };
  visit(document.contents, 0);
  return targets;
}

/** Keys are text; a number is one as it is spelled. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

export function startOf(node: Node | null | undefined): number {
  return node?.range?.[0] ?? 0;
}
