import { parse } from "@iarna/toml";
import { configError } from "./problems.js";
import type { SourceFile } from "./source-file.js";
import { syntaxProblem } from "./syntax-problem.js";

export type TomlTable = Readonly<Record<string, unknown>>;

/** The values of a TOML file. @throws DevkitError E_CONFIG at the place of the first syntax error. */
export async function parseToml(source: SourceFile): Promise<TomlTable> {
  if (mayNameInherited(source.text)) {
    const { requireOwnTableNames } = await import("./table-names.js");
    await requireOwnTableNames(source);
  }
  try {
    return parse(source.text);
  } catch (error) {
    throw configError([await syntaxProblem(source, error)], error);
  }
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A cheap look before the exact one. Quoted keys can spell any name with escapes. */
function mayNameInherited(text: string): boolean {
  return (
    /\\u/i.test(text) || Object.getOwnPropertyNames(Object.prototype).some((name) => text.includes(name))
  );
}
