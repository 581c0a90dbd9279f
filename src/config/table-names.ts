import { type AST, parseTOML, traverseNodes } from "toml-eslint-parser";
import { lineAt, positionAt } from "./locate.js";
import { configError } from "./problems.js";
import type { SourceFile } from "./source-file.js";
import { syntaxProblem } from "./syntax-problem.js";

/**
 * Refuses tables named like something every object inherits: for `[toString]` or `toString.x = 1`, `@iarna/toml` 3
 * writes into the function of that name, which can break the whole process. No table of devkit has such a name.
 * @throws DevkitError E_CONFIG, also when the file is not valid TOML.
 */
export async function requireOwnTableNames(source: SourceFile): Promise<void> {
  const bad = (await tableNames(source)).find((part) => Object.hasOwn(Object.prototype, nameOf(part)));
  if (bad === undefined) return;
  const position = positionAt(source.text, bad.range[0]);
  const sourceLine = lineAt(source.text, position.line);
  const message = `a table cannot be named "${nameOf(bad)}"`;
  throw configError([{ file: source.shownAs, ...position, message, sourceLine }]);
}

type KeyPart = AST.TOMLBare | AST.TOMLQuoted;

function nameOf(part: KeyPart): string {
  return part.type === "TOMLBare" ? part.name : part.value;
}

/** Parts of keys that stand for a table: all of `[a.b]`, all but the last of `a.b = 1`. */
async function tableNames(source: SourceFile): Promise<KeyPart[]> {
  const names: KeyPart[] = [];
  try {
    traverseNodes(parseTOML(source.text, { tomlVersion: "1.0" }), {
      enterNode(node) {
        if (node.type !== "TOMLKey") return;
        names.push(...(node.parent.type === "TOMLTable" ? node.keys : node.keys.slice(0, -1)));
      },
      leaveNode() {
        // The interface wants it.
      },
    });
  } catch (error) {
    throw configError([await syntaxProblem(source, error)], error);
  }
  return names;
}
