import { errorMessage } from "../base/errors.js";
import { lineAt, positionAt } from "./locate.js";
import type { Problem } from "./problems.js";
import { showText } from "../base/show-text.js";
import type { SourceFile } from "./source-file.js";

/** What a parser's error says, at the place where the mistake is rather than where the parser gave up. */
export async function syntaxProblem(source: SourceFile, error: unknown): Promise<Problem> {
  const { text } = source;
  const offsets = [iarnaOffset(error), await eslintOffset(text)].filter((offset) => offset !== undefined);
  const position = positionAt(text, Math.min(text.length, ...offsets));
  const sourceLine = lineAt(text, position.line);
  const hint = unquotedHint(sourceLine);
  const message = hint === undefined ? describe(error) : "the value is not valid TOML";
  return { file: source.shownAs, ...position, message, sourceLine, ...(hint === undefined ? {} : { hint }) };
}

/** `@iarna/toml` counts one past the character it stopped at. */
function iarnaOffset(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("pos" in error) || typeof error.pos !== "number") return undefined;
  return Math.max(0, error.pos - 1);
}

async function eslintOffset(text: string): Promise<number | undefined> {
  const { ParseError, parseTOML } = await import("toml-eslint-parser");
  try {
    parseTOML(text, { tomlVersion: "1.0" });
    return undefined;
  } catch (error) {
    return error instanceof ParseError ? error.index : undefined;
  }
}

/** The parsers' own words, without the place and in devkit's style. */
function describe(error: unknown): string {
  const said = errorMessage(error).split(/ at row \d|\n/)[0] ?? "";
  const unknown = /^Unknown character "(\d+)"/.exec(said)?.[1];
  const character = unknown === undefined ? undefined : showText(String.fromCodePoint(Number(unknown)));
  const plain = character === undefined ? said : `unexpected character "${character}"`;
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}

/** The most likely slip: `memory = 4g`. */
function unquotedHint(line: string): string | undefined {
  if (line.length > 500) return undefined;
  const match = /^\s*([\w.-]+)\s*=\s*([A-Za-z0-9./][^"'#=[\]{},]*?)\s*(?:#.*)?$/.exec(line);
  const [key, value] = [match?.[1], match?.[2]];
  if (key === undefined || value === undefined || isLiteral(value)) return undefined;
  return `text needs quotes: ${key} = "${showText(value)}"`;
}

function isLiteral(value: string): boolean {
  return /^(?:true|false|inf|nan|[\d_.]+(?:e\d+)?|0[xob][\da-f]+|\d{4}-.*)$/i.test(value);
}
