import type { AST } from "toml-eslint-parser";
import { DevkitError } from "../base/errors.js";
import { deriveCheckId, type Check } from "../domain/checks/check.js";
import { formatSetting } from "./format-setting.js";

/** `undefined`: the checks of this text are written in a way that only a person can change. */
export type EditedText = string | undefined;

/**
 * The text of a settings file with one more `[[check]]`, after those that are there. Everything else stays as it is,
 * byte for byte.
 */
export async function addCheck(text: string, check: Check): Promise<EditedText> {
  const tables = await findTables(text);
  if (tables === undefined) return undefined;
  // Another devkit may have been quicker.
  if (tables.some((table) => idOf(table) === check.id))
    throw new DevkitError("E_CHECK_INPUT", `there is a check ${check.id} already`, {
      hint: "see it: devkit check list",
    });
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const last = tables.at(-1);
  const at = last === undefined ? text.length : lineEnd(text, last.range[1]);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const isBare = /^\uFEFF?$/.test(before);
  const glue = isBare ? "" : before.endsWith("\n") ? end : `${end}${end}`;
  return `${before}${glue}${formatTable(check, end)}${after}`;
}

/** The same without the check of this id; undefined also when there is none of it. */
export async function removeCheck(text: string, id: string): Promise<EditedText> {
  const table = (await findTables(text))?.find((one) => idOf(one) === id);
  if (table === undefined) return undefined;
  const start = text.lastIndexOf("\n", table.range[0] - 1) + 1;
  // The table with its own empty lines; what is said above it stays.
  const rest = text.slice(lineEnd(text, table.range[1])).replace(/^(?:[ \t]*\r?\n)+/, "");
  const before = text.slice(0, start);
  return rest === "" ? before.replace(/(\r?\n)(?:[ \t]*\r?\n)+$/, "$1") : `${before}${rest}`;
}

/** Undefined when checks are written inline, or have parts of their own. */
async function findTables(text: string): Promise<readonly AST.TOMLTable[] | undefined> {
  const body = await parseBody(text);
  if (body === undefined) return undefined;
  const isOurs = (keys: readonly (string | number)[]) => keys[0] === "check";
  const stray = body.some((node) =>
    node.type === "TOMLTable"
      ? isOurs(node.resolvedKey) && (node.kind !== "array" || node.resolvedKey.length !== 2)
      : isOurs(node.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value))),
  );
  if (stray) return undefined;
  return body.filter((node) => node.type === "TOMLTable").filter(({ resolvedKey }) => isOurs(resolvedKey));
}

/** Undefined for the rare text that the other parser takes and this one does not. */
async function parseBody(text: string): Promise<AST.TOMLTopLevelTable["body"] | undefined> {
  const { ParseError, parseTOML } = await import("toml-eslint-parser");
  try {
    // A byte order mark counts as a character, but this parser does not know it.
    return parseTOML(text.replace(/^\uFEFF/, " "), { tomlVersion: "1.0" }).body[0].body;
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

function idOf(table: AST.TOMLTable): string | undefined {
  const read = (name: string): string | undefined => {
    const entry = table.body.find(({ key }) => {
      const [first] = key.keys;
      return key.keys.length === 1 && (first?.type === "TOMLBare" ? first.name : first?.value) === name;
    });
    const value = entry?.value;
    return value?.type === "TOMLValue" && typeof value.value === "string" ? value.value : undefined;
  };
  const [id, scope] = [read("id"), read("scope")];
  return id ?? (scope === undefined ? undefined : deriveCheckId(scope));
}

/** After the end of the line that an offset is in. */
function lineEnd(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  return at === -1 ? text.length : at + 1;
}

function formatTable({ id, scope, message, severity }: Check, end: string): string {
  const entries = Object.entries({ id, scope, message, severity });
  const lines = entries.map(([key, value]) => `${key} = ${formatSetting(key, value)}`);
  return ["[[check]]", ...lines, ""].join(end);
}
