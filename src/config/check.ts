import * as v from "valibot";
import type { LayerSettings } from "./layer.js";
import { createLocate, lineAt, type Locate, type SettingPath } from "./locate.js";
import { parseToml, type TomlTable } from "./parse.js";
import { configError, type Problem } from "./problems.js";
import { settingsSchema } from "./schema.js";
import { checkShape, type FileKind, type Finding } from "./shape.js";
import { quoteText } from "../base/show-text.js";
import type { SourceFile } from "./source-file.js";

export interface CheckedFile {
  readonly settings: LayerSettings;
  /** Overlays only. */
  readonly description: string | undefined;
  /** The index of the one agent it is for; overlays only. */
  readonly agent: number | undefined;
}

/** Parses and validates one file. @throws DevkitError E_CONFIG with every problem of the file. */
export async function checkFile(source: SourceFile, kind: FileKind): Promise<CheckedFile> {
  const { known, findings } = checkShape(await parseToml(source), kind);
  const checked = validateSettings(known);
  const [first, ...others] = await placeFindings(source, [...findings, ...checked.findings]);
  if (first !== undefined) throw configError([first, ...others]);
  if (checked.settings === undefined) throw new Error("invalid settings without an issue");
  const { description, agent, ...settings } = checked.settings;
  return { settings, description, agent };
}

/** What the schema makes of values, whatever file they are from; no settings when there are findings. */
export function validateSettings(known: TomlTable): {
  settings: v.InferOutput<typeof settingsSchema> | undefined;
  findings: Finding[];
} {
  const result = v.safeParse(settingsSchema, known, { abortPipeEarly: true });
  return {
    settings: result.success ? result.output : undefined,
    findings: (result.issues ?? []).map(toFinding),
  };
}

/** The findings with their positions, in the order of the file. */
export async function placeFindings(source: SourceFile, findings: readonly Finding[]): Promise<Problem[]> {
  return findings.length === 0 ? [] : toProblems(source, findings, await createLocate(source.text));
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

function toFinding(issue: v.InferIssue<typeof settingsSchema>): Finding {
  const items = issue.path ?? [];
  const path = items.map((item) => item.key as string | number);
  const part = items.at(-1)?.origin === "key" ? "key" : "value";
  return { path, part, message: `${subject(path)} ${issue.message}` };
}

/** `container.memory`, or for an element of a list the list. */
function subject(path: SettingPath): string {
  const names = path.filter((key) => typeof key === "string").map(formatKey);
  return names.length === path.length ? names.join(".") : `each of ${names.join(".")}`;
}

function formatKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : quoteText(key);
}
