import path from "node:path";
import { DevkitError } from "../../base/errors.js";

/** One line of a .dockerignore. */
export interface IgnoreRule {
  readonly pattern: RegExp;
  /** `!`: what matches is let in again. */
  readonly negated: boolean;
  /** The pattern's text before its first wildcard. */
  readonly start: string;
}

/** For a path, whether each rule matches it or a directory above it, in the order of the rules. */
export type RuleMatches = readonly boolean[];

/** The rules of a .dockerignore, as the engine's own tools read it. @throws DevkitError E_IMAGE_BUILD */
export function parseDockerignore(text: string): IgnoreRule[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .flatMap(parseLine);
}

function parseLine(line: string): IgnoreRule[] {
  const negated = line.startsWith("!");
  const written = (negated ? line.slice(1) : line).trim();
  if (written === "") return [];
  const glob = path.posix
    .normalize(written)
    .replace(/^\/(?=.)/, "")
    .replace(/(?<=.)\/$/, "");
  const start = /^[^*?[\\]*/.exec(glob)?.[0] ?? "";
  try {
    return [{ pattern: new RegExp(`^${toExpression(glob)}$`, "s"), negated, start }];
  } catch (cause) {
    throw new DevkitError("E_IMAGE_BUILD", `.dockerignore: ${line} is not a pattern`, {
      hint: 'a "[" begins a set of characters and needs its "]"; write "\\[" for the character itself',
      cause,
    });
  }
}

/** Go's filepath.Match, and `**` for any number of directories: not a shell's glob, not a .gitignore's. */
function toExpression(glob: string): string {
  return glob.replaceAll(
    /\*\*\/?$|\*\*\/?|\*|\?|\\.|[.$+()|{}^\\/]|\[\^?[^\]]*\]/gs,
    (part, offset: number) => {
      if (part.startsWith("**")) return offset + part.length === glob.length ? ".*" : "(?:.*/|[^/]*)";
      if (part === "*") return "[^/]*";
      if (part === "?") return "[^/]";
      if (part.startsWith("[") || part === "/") return part;
      const literal = part.length === 2 ? part.slice(1) : part;
      return /\w/.test(literal) ? literal : `\\${literal}`;
    },
  );
}

/** What the rules say of a path, given what they say of its directory (undefined: that of the context). */
export function matchRules(
  rules: readonly IgnoreRule[],
  file: string,
  parent: RuleMatches | undefined,
): RuleMatches {
  return rules.map(({ pattern }, position) => parent?.[position] === true || pattern.test(file));
}

/** The last rule that matches decides. */
export function isIgnored(rules: readonly IgnoreRule[], matches: RuleMatches): boolean {
  const last = matches.lastIndexOf(true);
  return last !== -1 && rules[last]?.negated === false;
}

/** Whether a rule may let something in that is below an ignored directory. */
export function mayReadmit(rules: readonly IgnoreRule[], directory: string): boolean {
  return rules.some(
    ({ negated, start }) =>
      negated && (`${start}/`.startsWith(`${directory}/`) || `${directory}/`.startsWith(start)),
  );
}
