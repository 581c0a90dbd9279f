import { isMap, isScalar, isSeq, type Node } from "yaml";
import { quoteText } from "../../base/show-text.js";
import { findClosest } from "../closest.js";
import { type Complain, startOf, type YamlEntry, type YamlTree } from "../yaml-tree.js";

/** A value of a layout file, and where it stands. */
export interface LayoutNode {
  readonly node: Node | undefined;
  readonly offset: number;
}

/** Reads values of a layout file; each mistake is kept, and the reading goes on. */
export interface LayoutReader {
  readonly complain: Complain;
  /** The members of a map by their keys; unknown keys are mistakes. */
  members(value: LayoutNode, what: string, known: readonly string[]): ReadonlyMap<string, LayoutNode>;
  /** Undefined, with a mistake noted, when it is no list. */
  items(value: LayoutNode, what: string): readonly LayoutNode[] | undefined;
  isList(value: LayoutNode): boolean;
  isMap(value: LayoutNode): boolean;
  /** Text of one line that is not empty, with numbers as they are spelled; undefined with a mistake noted. */
  text(value: LayoutNode, what: string): string | undefined;
  /** Any text that a program can be given. */
  word(value: LayoutNode, what: string): string | undefined;
  /** A whole number of at least `least`. */
  number(value: LayoutNode, what: string, range: { least: number; most: number }): number | undefined;
}

/** What the earlier tool called things that are otherwise here. */
const OTHERWISE: Readonly<Record<string, string>> = {
  project: "here it is: overlay",
  service: "every agent is one container; leave it out",
  compose_project: "every agent is one container; leave it out",
};

export function createLayoutReader(tree: YamlTree, complain: Complain): LayoutReader {
  const scalar = ({ node }: LayoutNode): unknown => {
    const found = tree.follow(node);
    if (!isScalar(found)) return undefined;
    return typeof found.value === "number" ? (found.source ?? String(found.value)) : found.value;
  };
  const nodeOf = ({ node, place }: YamlEntry): LayoutNode => ({ node, offset: place.value });
  const text = (value: LayoutNode, what: string, { not, hint }: { not: RegExp; hint: string }) => {
    const found = scalar(value);
    if (typeof found === "string" && !not.test(found)) return found;
    complain(value.offset, `${what} must be ${hint}`);
    return undefined;
  };
  return {
    complain,
    members(value, what, known) {
      const map = tree.follow(value.node);
      if (!isMap(map)) complain(value.offset, `${what} must be a map of: ${known.join(", ")}`);
      const entries = isMap(map) ? tree.entries(map) : [];
      for (const { key, place } of entries.filter((entry) => !known.includes(entry.key)))
        complain(place.key, `${what} has no ${quoteText(key)}`, hintFor(key, known));
      return new Map(entries.map((entry) => [entry.key, nodeOf(entry)]));
    },
    items(value, what) {
      const list = tree.follow(value.node);
      if (isSeq(list))
        return list.items.map((item) => ({ node: item as Node, offset: startOf(item as Node) }));
      complain(value.offset, `${what} must be a list`);
      return undefined;
    },
    isList: ({ node }) => isSeq(tree.follow(node)),
    isMap: ({ node }) => isMap(tree.follow(node)),
    text: (value, what) => text(value, what, { not: /^$|\p{Cc}/u, hint: "text on one line" }),
    word: (value, what) => text(value, what, { not: /\0/, hint: "text" }),
    number(value, what, { least, most }) {
      const text = scalar(value);
      const number = typeof text === "string" && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
      if (number !== undefined && number >= least && number <= most) return number;
      complain(value.offset, `${what} must be a whole number from ${String(least)} to ${String(most)}`);
      return undefined;
    },
  };
}

function hintFor(key: string, known: readonly string[]): string {
  const close = findClosest(key, known);
  return (
    OTHERWISE[key] ?? (close === undefined ? `there are: ${known.join(", ")}` : `did you mean ${close}?`)
  );
}
