import type * as Jsonc from "jsonc-parser";
import type { Node, ParseError } from "jsonc-parser";
import { quoteText } from "../../base/show-text.js";
import { lineAt, positionAt, type Locate, type SettingPath } from "../locate.js";
import { configError, type Problem } from "../problems.js";
import type { SourceFile } from "../source-file.js";

/** JSON with comments and trailing commas, and where each value stands. */
export interface JsonFile {
  /** Objects without a prototype. */
  readonly data: unknown;
  /** Like the one of TOML files; the root itself has a place too. */
  readonly locate: Locate;
}

/** @throws DevkitError E_CONFIG at every syntax error, and at names that an object has twice. */
export async function parseJsonc(source: SourceFile): Promise<JsonFile> {
  const parser = await import("jsonc-parser");
  const errors: ParseError[] = [];
  const root = parser.parseTree(source.text, errors, { allowTrailingComma: true });
  const problems = errors.map((error) => problemAt(source, error.offset, sayError(parser, error)));
  if (root !== undefined && errors.length === 0) problems.push(...repeatedNames(source, root));
  const [first, ...others] = problems;
  if (first !== undefined) throw configError([first, ...others]);
  if (root === undefined) throw configError([problemAt(source, 0, "the file is empty")]);
  const locate: Locate = (path, part) => {
    const node = parser.findNodeAtLocation(root, [...path]);
    const place = part === "key" && node?.parent?.type === "property" ? node.parent : node;
    return place === undefined ? undefined : positionAt(source.text, place.offset);
  };
  return { data: parser.getNodeValue(root) as unknown, locate };
}

function problemAt(source: SourceFile, offset: number, message: string): Problem {
  const position = positionAt(source.text, offset);
  return { file: source.shownAs, ...position, message, sourceLine: lineAt(source.text, position.line) };
}

/** `CommaExpected` → `not valid JSON: comma expected`. */
function sayError({ printParseErrorCode }: typeof Jsonc, { error }: ParseError): string {
  const words = printParseErrorCode(error)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
  return `not valid JSON: ${words}`;
}

/** JSON takes the last of several; which one its writer meant nobody knows. */
function repeatedNames(source: SourceFile, node: Node): Problem[] {
  const names = new Set<string>();
  return (node.children ?? []).flatMap((child) => {
    if (node.type !== "object") return repeatedNames(source, child);
    const [key, value] = child.children ?? [];
    const name = String(key?.value);
    const inner = value === undefined ? [] : repeatedNames(source, value);
    if (!names.has(name)) {
      names.add(name);
      return inner;
    }
    return [problemAt(source, child.offset, `${quoteText(name)} is there twice`), ...inner];
  });
}

/** The members of an object, or undefined for anything else. */
export function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value);
}

/** The value at a path, or undefined. */
export function valueAt(data: unknown, path: SettingPath): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}
