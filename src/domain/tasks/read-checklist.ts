import { createTwins, requireFew, wordsKey, type ImportedTask } from "./imported.js";
import { TASK_PRIORITIES, type TaskPriority } from "./task.js";

interface Item {
  readonly indent: number;
  readonly title: string;
  readonly priority: TaskPriority | undefined;
  readonly isDone: boolean;
  readonly line: number;
  readonly parent: number | undefined;
  readonly description: string[];
}

const ITEM = /^([ \t]*)(?:[-*+]|\d{1,9}[.)]) \[([ xX])\][ \t]+(.*)$/;
const FENCE = /^[ \t]*(?:```|~~~)/;

/**
 * The items of a Markdown checklist: `- [ ] title (p0)`, `- [x]` for what is done. What is nested has to be done before
 * what it is nested in. Indented text below an item is its description; all other text is passed over.
 */
export function readChecklist(text: string): ImportedTask[] {
  const items = readItems(text);
  requireFew(items);
  const twins = createTwins();
  return items.map((item, position) => {
    const words = wordsOf(items, position);
    const description = item.description.join("\n").trim();
    return {
      draft: {
        title: item.title,
        description: description === "" ? undefined : description,
        status: item.isDone ? "done" : "pending",
        priority: item.priority,
        source: wordsKey("checklist", words, twins(words)),
      },
      after: items.flatMap(({ parent }, child) => (parent === position ? [child] : [])),
      place: `line ${String(item.line)}`,
    };
  });
}

function readItems(text: string): Item[] {
  const items: Item[] = [];
  let isCode = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (FENCE.test(line)) isCode = !isCode;
    const match = isCode ? null : ITEM.exec(line);
    if (match === null) addText(items, line);
    else items.push(readItem(match, items, index + 1));
  }
  return items;
}

function readItem(match: RegExpExecArray, items: readonly Item[], line: number): Item {
  const indent = widthOf(match[1] ?? "");
  const marked = (match[3] ?? "").trim();
  const mark = /(?:^|\s)\((p[0-3])\)(?=\s|$)/i.exec(marked);
  const title = mark === null ? marked : marked.replace(mark[0], "").trim();
  const priority = TASK_PRIORITIES.find((one) => one === mark?.[1]?.toLowerCase());
  return {
    indent,
    title,
    priority,
    isDone: match[2] !== " ",
    line,
    parent: parentOf(items, indent),
    description: [],
  };
}

/** The nearest item above that stands further left, with nothing as far left in between. */
function parentOf(items: readonly Item[], indent: number): number | undefined {
  let at: number | undefined = items.length === 0 ? undefined : items.length - 1;
  while (at !== undefined && (items[at]?.indent ?? 0) >= indent) at = items[at]?.parent;
  return at;
}

/** Only what is indented deeper than the item itself belongs to it. */
function addText(items: readonly Item[], line: string): void {
  const last = items.at(-1);
  if (last === undefined) return;
  const isInside = line.trim() !== "" && widthOf(/^[ \t]*/.exec(line)?.[0] ?? "") > last.indent;
  if (isInside || (line.trim() === "" && last.description.length > 0)) last.description.push(line.trim());
}

function widthOf(space: string): number {
  return space.replaceAll("\t", "    ").length;
}

/** Titles from the outermost item to this one. */
function wordsOf(items: readonly Item[], position: number): string[] {
  const item = items[position];
  if (item === undefined) return [];
  return [...(item.parent === undefined ? [] : wordsOf(items, item.parent)), item.title];
}
