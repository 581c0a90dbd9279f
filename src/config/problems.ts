import type { ErrorDetails } from "../base/errors.js";
import { DevkitError } from "../base/errors.js";
import { showText } from "../base/show-text.js";

/** Both count from 1; a column is one character, however many bytes it takes. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One mistake in one file. Without a position when it concerns the file as a whole. */
export interface Problem extends Partial<Position> {
  /** As shown: relative to the project root when inside it. */
  readonly file: string;
  readonly message: string;
  readonly hint?: string;
  readonly sourceLine?: string;
}

export type Problems = readonly [Problem, ...Problem[]];

const MAX_SHOWN = 10;
const WIDTH = 100;

/** All problems of one file as one E_CONFIG: the message is the first, `details` hold the rest. */
export function configError(problems: Problems, cause?: unknown): DevkitError {
  const [first, ...others] = problems;
  const more = others.length === 0 ? "" : ` (and ${String(others.length)} more)`;
  return new DevkitError("E_CONFIG", `${formatProblem(first)}${more}`, {
    hint:
      first.hint ?? `correct ${showText(first.file)}, then run: devkit ${applying(first.file)}config check`,
    details: problemDetails(problems),
    cause,
  });
}

/** The option by which `config check` reads this file, which it does by itself only with what is in force. */
function applying(file: string): string {
  const [above = "", folder = "", name = ""] = ["", "", ...file.split("/")].slice(-3);
  if (/^(?:overlay\.toml|compose\.override\.ya?ml)$/.test(name)) return `-p ${showText(folder)} `;
  if (!/^\.?devcontainer\.json$/.test(name)) return "";
  return above === ".devcontainer" ? `-p devcontainer:${showText(folder)} ` : "-p devcontainer ";
}

/** `details` of an error about a file: the problems as data, and `excerpt` to print below the message. */
export function problemDetails(problems: Problems): ErrorDetails {
  const excerpt = formatExcerpt(problems);
  return excerpt === "" ? { problems } : { problems, excerpt };
}

/** `file:line:col: message`, in one line. */
export function formatProblem(problem: Problem): string {
  const { line, column } = problem;
  const place = line === undefined || column === undefined ? "" : `:${String(line)}:${String(column)}`;
  return `${showText(problem.file)}${place}: ${problem.message}`;
}

/** Source lines with carets. The first problem comes without its message, which stands above the excerpt. */
function formatExcerpt([first, ...others]: Problems): string {
  const shown = others.slice(0, MAX_SHOWN - 1).flatMap((problem) => {
    const hint = problem.hint === undefined ? [] : [`  hint: ${problem.hint}`];
    return [formatProblem(problem), ...sourceLines(problem), ...hint];
  });
  const left = others.length - (MAX_SHOWN - 1);
  const rest = left > 0 ? [`… and ${String(left)} more`] : [];
  return [...sourceLines(first), ...shown, ...rest].join("\n");
}

function sourceLines({ line, column, sourceLine }: Problem): string[] {
  if (line === undefined || column === undefined || sourceLine === undefined) return [];
  const number = String(line);
  const { text, caret } = window(Array.from(showText(sourceLine.replaceAll("\t", " "))), column - 1);
  return [`  ${number} | ${text}`.trimEnd(), `  ${" ".repeat(number.length)} | ${" ".repeat(caret)}^`];
}

/** The part of a long line around the caret. */
function window(characters: readonly string[], caret: number): { text: string; caret: number } {
  const start = caret < WIDTH ? 0 : caret - WIDTH / 2;
  const before = start === 0 ? "" : "…";
  const after = characters.length > start + WIDTH ? "…" : "";
  const text = characters.slice(start, start + WIDTH).join("");
  return { text: `${before}${text}${after}`, caret: caret - start + before.length };
}
