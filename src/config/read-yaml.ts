import { parseDocument, type Document, type YAMLError } from "yaml";
import { type DevkitError, errorMessage } from "../base/errors.js";
import { showText } from "../base/show-text.js";
import { type Complain, createYamlTree, type YamlTree } from "./yaml-tree.js";
import { lineAt, positionAt } from "./locate.js";
import type { Problem, Problems } from "./problems.js";
import type { SourceFile } from "./source-file.js";

const MAX_PROBLEMS = 50;

/** Collects problems by their offset in a file, the first ones of very many. */
export function collectProblems(source: SourceFile): {
  readonly problems: readonly Problem[];
  readonly complain: Complain;
} {
  const problems: Problem[] = [];
  const complain: Complain = (offset, message, hint) => {
    if (problems.length >= MAX_PROBLEMS) return;
    const position = positionAt(source.text, offset);
    const sourceLine = lineAt(source.text, position.line);
    const problem = { file: source.shownAs, ...position, message, sourceLine };
    problems.push(hint === undefined ? problem : { ...problem, hint });
  };
  return { problems, complain };
}

export interface ReadYaml {
  readonly document: Document;
  readonly tree: YamlTree;
  /** To be called when all of the tree has been read: what `<<` brings together shows only then. */
  requireFine(this: void): void;
}

/**
 * A YAML document; what is wrong with it as YAML, or what only generators write, is thrown as what `toError` makes of it.
 * @throws DevkitError
 */
export function readYaml(
  source: SourceFile,
  toError: (problems: Problems, cause?: unknown) => DevkitError,
): ReadYaml {
  const { problems, complain } = collectProblems(source);
  const document = parse(source, toError);
  for (const error of [...document.errors, ...document.warnings]) complain(error.pos[0], describe(error));
  const tree = createYamlTree(document, complain);
  const requireFine = () => {
    const [first, ...others] = problems;
    if (first !== undefined) throw toError([first, ...others]);
  };
  requireFine();
  return { document, tree, requireFine };
}

/** Duplicate keys are found by the tree: the parser's own look takes minutes for a long map. */
function parse(source: SourceFile, toError: (problems: Problems, cause?: unknown) => DevkitError): Document {
  try {
    return parseDocument(source.text, { uniqueKeys: false, prettyErrors: false, logLevel: "error" });
  } catch (error) {
    // The parser calls itself for each level.
    const message =
      error instanceof RangeError ? "is nested too deeply" : `cannot be read: ${errorMessage(error)}`;
    throw toError([{ file: source.shownAs, message }], error);
  }
}

function describe({ code, message }: YAMLError): string {
  if (code === "MULTIPLE_DOCS") return "only one document is read, and here begins another one";
  return showText(message.charAt(0).toLowerCase() + message.slice(1));
}
