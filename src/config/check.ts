import nodePath from "node:path";
import * as v from "valibot";
import { quoteText } from "../base/show-text.js";
import { checkAgentOverlay } from "./agent-overlay.js";
import type { Variables } from "./interpolate.js";
import type { LayerSettings } from "./layer.js";
import { createLocate, lineAt, type Locate, type SettingPath } from "./locate.js";
import type { TomlTable } from "./parse.js";
import { configError, type Problem } from "./problems.js";
import { resolvePaths } from "./resolve-paths.js";
import { settingsSchema } from "./schema.js";
import { readTomlDocument, type SettingsDocument } from "./settings-document.js";
import { checkShape, type FileKind, type Finding } from "./shape.js";
import type { SourceFile } from "./source-file.js";
import { watchVariables } from "./watch-variables.js";

/** Whoever writes thousands of mistakes need not see the place of each. */
const MAX_PLACED = 200;

/** What a file is read with. */
export interface CheckContext {
  readonly variables: Variables;
  /** The user's own, which `~/` stands for. */
  readonly home: string;
  /** The primary's root. */
  readonly root: string;
  /** The agent that an overlay is for by its name. */
  readonly agent?: number | undefined;
}

export interface CheckedFile {
  readonly settings: LayerSettings;
  /** Overlays only. */
  readonly description: string | undefined;
  /** The index of the one agent it is for; overlays only. */
  readonly agent: number | undefined;
  /** Overlays to apply before it; overlays only. */
  readonly extends: readonly string[];
  readonly locate: () => Promise<Locate>;
  /** Names of the user's variables that it puts into settings. */
  readonly variables: readonly string[];
}

/** Parses and validates one file. @throws DevkitError E_CONFIG with every problem of the file. */
export async function checkFile(
  source: SourceFile,
  kind: FileKind,
  context: CheckContext,
): Promise<CheckedFile> {
  const watched = watchVariables(context.variables);
  const document = await readDocument(source, kind, { ...context, variables: watched.variables });
  const { known, findings } = checkShape(document.values, kind);
  const checked = validateSettings(known, (path) => document.nameOf(path));
  const own = new Set(document.findings.map(({ path }) => JSON.stringify(path)));
  const judged = checked.findings.filter(({ path }) => !own.has(JSON.stringify(path)));
  const rules = kind === "project" ? [] : checkAgentOverlay(known, context.agent);
  const fail = async (all: readonly Finding[]): Promise<void> => {
    const some = all.slice(0, MAX_PLACED);
    const [first, ...others] = await placeFindings(source, some, () => document.locate());
    if (first !== undefined) throw configError([first, ...others]);
  };
  await fail([...document.findings, ...findings, ...rules, ...judged]);
  if (checked.settings === undefined) throw new Error("invalid settings without an issue");
  const { description, index = context.agent, extends: below = [], ...asked } = checked.settings;
  const directory = kind === "compose" ? context.root : nodePath.dirname(source.path);
  const resolved = resolvePaths(asked, { directory, home: context.home });
  await fail(resolved.findings);
  return {
    settings: resolved.settings,
    description,
    agent: index,
    extends: below,
    locate: () => document.locate(),
    variables: watched.found(),
  };
}

async function readDocument(
  source: SourceFile,
  kind: FileKind,
  { variables }: CheckContext,
): Promise<SettingsDocument> {
  if (kind !== "compose") return readTomlDocument(source, variables);
  const { readComposeDocument } = await import("./compose/read-compose.js");
  return readComposeDocument(source, variables);
}

type FileSettings = v.InferOutput<typeof settingsSchema>;
type CheckedSettings = Omit<FileSettings, "agent"> &
  Pick<LayerSettings, "agent"> & { readonly index?: number };

/** `agent = 2` of an overlay and the table `[agent]` have one name. */
function splitAgent({ agent, ...settings }: FileSettings): CheckedSettings {
  if (agent === undefined) return settings;
  return typeof agent === "number" ? { ...settings, index: agent } : { ...settings, agent };
}

/** What the schema makes of values, whatever file they are from; no settings when there are findings. */
export function validateSettings(
  known: TomlTable,
  nameOf: SettingsDocument["nameOf"] = () => undefined,
): {
  settings: CheckedSettings | undefined;
  findings: Finding[];
} {
  const result = v.safeParse(settingsSchema, known, { abortPipeEarly: true });
  return {
    settings: result.success ? splitAgent(result.output) : undefined,
    findings: (result.issues ?? []).map((issue) => toFinding(issue, nameOf)),
  };
}

/** The findings with their positions, in the order of the file. */
export async function placeFindings(
  source: SourceFile,
  findings: readonly Finding[],
  findLocate: () => Promise<Locate> = () => createLocate(source.text),
): Promise<Problem[]> {
  return findings.length === 0 ? [] : toProblems(source, findings, await findLocate());
}

/** The same for a file of any format, by what finds places in it. */
export function toProblems(source: SourceFile, findings: readonly Finding[], locate: Locate): Problem[] {
  const problems = findings.map(({ path, part, message, hint }): Problem => {
    const position = locate(path, part);
    const problem = { file: source.shownAs, message, ...(hint === undefined ? {} : { hint }) };
    if (position === undefined) return problem;
    return { ...problem, ...position, sourceLine: lineAt(source.text, position.line) };
  });
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function toFinding(issue: v.InferIssue<typeof settingsSchema>, nameOf: SettingsDocument["nameOf"]): Finding {
  const items = issue.path ?? [];
  const path = items.map((item) => item.key as string | number);
  const part = items.at(-1)?.origin === "key" ? "key" : "value";
  return { path, part, message: `${nameOf(path) ?? subject(path)} ${issue.message}` };
}

/** `container.memory`, or for an element of a list the list. */
function subject(path: SettingPath): string {
  if (path[0] === "check" && path.length < 3) return "[[check]]";
  const names = path.filter((key) => typeof key === "string").map(formatKey);
  return typeof path.at(-1) === "number" ? `each of ${names.join(".")}` : names.join(".");
}

function formatKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : quoteText(key);
}
