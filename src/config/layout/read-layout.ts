import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import { quoteText, showText } from "../../base/show-text.js";
import {
  MAX_AGENT_INDEX,
  parseAgentSelector,
  type AgentRef,
  type Roster,
} from "../../domain/agents/agent.js";
import {
  LAYOUT_SESSION,
  windowKeys,
  type Layout,
  type LayoutOverlay,
  type LayoutWindow,
} from "../../domain/sessions/layout.js";
import { isSessionName } from "../../domain/sessions/session-names.js";
import { findClosest } from "../closest.js";
import { formatProblem, problemDetails, type Problem, type Problems } from "../problems.js";
import { collectProblems, readYaml } from "../read-yaml.js";
import { findSourceFile, type SourceFile } from "../source-file.js";
import { startOf } from "../yaml-tree.js";
import { createLayoutReader, type LayoutNode, type LayoutReader } from "./layout-node.js";

/** What a layout is checked against. */
export interface LayoutContext {
  /** The primary's root. */
  readonly root: string;
  readonly roster: Roster;
  /** Names of the overlays there are. */
  readonly overlays: readonly string[];
}

export interface CheckedLayout {
  readonly layout: Layout;
  /** `file:line:col: …` each. */
  readonly warnings: readonly string[];
}

/** @throws DevkitError E_LAYOUT with every mistake of the file, E_CONFIG when it cannot be read as text */
export async function readLayout(file: string, context: LayoutContext): Promise<CheckedLayout> {
  const source = await findSourceFile(path.resolve(file), context.root);
  if (source === undefined) {
    throw new DevkitError("E_LAYOUT", `there is no file ${showText(file)}`, {
      hint: `write one from the agents that run: devkit layout generate --output ${showText(file)}`,
    });
  }
  return checkLayout(source, context);
}

/** The same of a text. @throws DevkitError E_LAYOUT */
export function checkLayout(source: SourceFile, context: LayoutContext): CheckedLayout {
  const fail = (problems: Problems, cause?: unknown) => layoutError(source, problems, cause);
  const { document, tree, requireFine } = readYaml(source, fail);
  const errors = collectProblems(source);
  const warnings = collectProblems(source);
  const node = document.contents ?? undefined;
  const reader = createLayoutReader(tree, errors.complain);
  const top = { node, offset: startOf(node) };
  const layout = readTop({ ...context, reader, warn: warnings.complain }, top);
  requireFine();
  const [first, ...others] = errors.problems;
  if (first !== undefined) throw fail([first, ...others]);
  return { layout, warnings: warnings.problems.toSorted(inOrder).map(formatProblem) };
}

function layoutError(source: SourceFile, problems: Problems, cause: unknown): DevkitError {
  const [first, ...others] = problems.toSorted(inOrder) as [Problem, ...Problem[]];
  const more = others.length === 0 ? "" : ` (and ${String(others.length)} more)`;
  return new DevkitError("E_LAYOUT", `${formatProblem(first)}${more}`, {
    hint: first.hint ?? `correct it, then run: devkit layout validate ${showText(source.shownAs)}`,
    details: problemDetails([first, ...others]),
    cause,
  });
}

function inOrder(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

interface Reading extends LayoutContext {
  readonly reader: LayoutReader;
  readonly warn: LayoutReader["complain"];
}

function readTop(reading: Reading, top: LayoutNode): Layout {
  const { reader } = reading;
  const members = reader.members(top, "a layout", ["session", "count", "overlays", "windows"]);
  const [session, counted, overlays] = ["session", "count", "overlays"].map((key) => members.get(key));
  const windows = members.get("windows");
  const name = session && readSession(reading, session);
  const count = counted && reader.number(counted, "count", { least: 1, most: MAX_AGENT_INDEX });
  const declared = overlays === undefined ? [] : readOverlays(reading, overlays, count);
  if (windows === undefined && reader.isMap(top)) reader.complain(top.offset, "a layout needs windows");
  const all = windows === undefined ? [] : readWindows(reading, windows, { count, declared });
  return { session: name ?? LAYOUT_SESSION, count, overlays: declared, windows: all };
}

function readSession({ reader }: Reading, value: LayoutNode): string | undefined {
  const name = reader.text(value, "session");
  if (name !== undefined && !isSessionName(name))
    reader.complain(
      value.offset,
      `session must be made of letters, digits, spaces, _ and -`,
      "tmux takes : and . for its own",
    );
  return name;
}

function readOverlays(reading: Reading, value: LayoutNode, count: number | undefined): LayoutOverlay[] {
  const { reader } = reading;
  return (reader.items(value, "overlays") ?? []).flatMap((item): LayoutOverlay[] => {
    if (!reader.isMap(item)) {
      const name = readOverlayName(reading, item, "an overlay");
      return name === undefined ? [] : [{ name, agents: undefined }];
    }
    const members = reader.members(item, "an overlay", ["name", "agents"]);
    const [named, listed] = [members.get("name"), members.get("agents")];
    if (named === undefined) reader.complain(item.offset, "an overlay needs a name");
    const name = named && readOverlayName(reading, named, "name");
    const items = listed && reader.items(listed, "agents");
    const agents = items?.flatMap((one) => readAgent(reading, one, "each of agents", count) ?? []);
    return name === undefined ? [] : [{ name, agents }];
  });
}

function readOverlayName({ reader, overlays }: Reading, value: LayoutNode, what: string): string | undefined {
  const name = reader.text(value, what);
  if (name !== undefined && !overlays.includes(name)) {
    const close = findClosest(name, overlays);
    const known = overlays.length === 0 ? "there are none" : `there are: ${overlays.join(", ")}`;
    reader.complain(
      value.offset,
      `there is no overlay named ${quoteText(name)}`,
      close === undefined ? known : `did you mean ${close}? ${known}`,
    );
  }
  return name;
}

function readAgent(
  { reader, roster }: Reading,
  value: LayoutNode,
  what: string,
  count: number | undefined,
): AgentRef | undefined {
  const text = reader.text(value, what);
  if (text === undefined) return undefined;
  const agent = parseAgentSelector(text, roster);
  if (agent === undefined) {
    const problem = /^-?\d+$/.test(text)
      ? `must be a whole number from 1 to ${String(MAX_AGENT_INDEX)}`
      : `is not an agent's index or name: ${quoteText(text)}`;
    reader.complain(value.offset, `${what} ${problem}`, "see them: devkit agent list");
  } else if (count !== undefined && agent.index > count) {
    reader.complain(
      value.offset,
      `${what} is agent ${String(agent.index)}, and count is ${String(count)}`,
      `write count: ${String(agent.index)}, or leave count out`,
    );
  }
  return agent;
}

interface Declared {
  readonly count: number | undefined;
  readonly declared: readonly LayoutOverlay[];
}

function readWindows(reading: Reading, value: LayoutNode, declared: Declared): LayoutWindow[] {
  const { reader, warn } = reading;
  const items = reader.items(value, "windows") ?? [];
  if (items.length === 0 && reader.isList(value)) reader.complain(value.offset, "a layout needs a window");
  const placed = items.flatMap((item) => {
    const window = readWindow(reading, item, declared);
    return window === undefined ? [] : [{ window, offset: item.offset }];
  });
  const windows = placed.map(({ window }) => window);
  const keys = windowKeys(windows);
  for (const [position, { window, offset }] of placed.entries()) {
    if (/ \d+$/.test(keys[position] ?? ""))
      warn(offset, `a second window of ${window.agent.name} with the same path and command`);
  }
  return windows;
}

const WINDOW_KEYS = ["index", "agent", "path", "name", "command", "overlay"];

function readWindow(
  reading: Reading,
  item: LayoutNode,
  { count, declared }: Declared,
): LayoutWindow | undefined {
  const { reader, warn } = reading;
  const members = reader.members(item, "a window", WINDOW_KEYS);
  const text = (key: string) => {
    const value = members.get(key);
    return value && reader.text(value, key);
  };
  const [index, named] = [members.get("index"), members.get("agent")];
  const target = index ?? named;
  if (index !== undefined && named !== undefined)
    reader.complain(named.offset, "a window has an index or an agent, not both");
  if (target === undefined && reader.isMap(item))
    reader.complain(item.offset, "a window needs an agent", "such as: index: 1, or agent: agent-1");
  const agent = target && readAgent(reading, target, index === undefined ? "agent" : "index", count);
  const [command, overlay] = [members.get("command"), members.get("overlay")];
  const name = overlay && readOverlayName(reading, overlay, "overlay");
  if (overlay !== undefined && name !== undefined && !declared.some((one) => one.name === name))
    warn(overlay.offset, `overlay ${quoteText(name)} is not among the layout's overlays`);
  const parts = {
    path: text("path"),
    name: text("name"),
    command: command && readCommand(reader, command),
    overlay: name,
  };
  return agent && { agent, ...parts };
}

function readCommand(reader: LayoutReader, value: LayoutNode): LayoutWindow["command"] {
  if (!reader.isList(value)) return reader.word(value, "command");
  const items = reader.items(value, "command") ?? [];
  const words = items.map((item) => reader.word(item, "each of command") ?? "");
  const [program, ...rest] = words;
  if (program !== undefined) return [program, ...rest];
  reader.complain(value.offset, "command must name a program");
  return undefined;
}
