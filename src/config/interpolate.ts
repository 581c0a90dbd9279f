/** The value of a variable; undefined when it is not set. */
export type Variables = (name: string) => string | undefined;

export type Interpolated =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string; readonly hint: string };

const START = /\$(?:(\$)|\{([A-Za-z_]\w*)(:?[-?+]|(?=\}))|([A-Za-z_]\w*))/y;
const MAX_DEPTH = 8;
const DOLLAR = "write $$ for a dollar, or ${NAME:-default} for a variable";

/**
 * Puts variables into text as the Compose specification says: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`,
 * `${NAME:?message}`, `${NAME?message}`, `${NAME:+other}`, `${NAME+other}`, `$$` for a dollar; defaults may hold variables.
 * A variable that is not set and has no default is a problem: an empty text would pass for a value.
 */
export function interpolate(text: string, variables: Variables): Interpolated {
  let at = 0;
  let mistake: { problem: string; hint: string } | undefined;
  const fail = (problem: string, hint: string): string => {
    mistake ??= { problem, hint };
    at = text.length;
    return "";
  };

  /** Up to the end, or in braces up to the closing one; what is not `used` may name variables that are not set. */
  const read = (depth: number, used: boolean): string => {
    let result = "";
    while (at < text.length && !(depth > 0 && text[at] === "}")) {
      if (text[at] !== "$") {
        const end = depth > 0 ? text.slice(at).search(/[$}]/) : text.slice(at).indexOf("$");
        const length = end === -1 ? text.length - at : end;
        result += text.slice(at, at + length);
        at += length;
      } else result += readVariable(depth, used);
    }
    return result;
  };

  const readVariable = (depth: number, used: boolean): string => {
    START.lastIndex = at;
    const match = START.exec(text);
    if (match === null) return fail("a single $ that begins no variable", DOLLAR);
    at += match[0].length;
    if (match[1] !== undefined) return "$";
    const name = match[2] ?? match[4] ?? "";
    const value = variables(name);
    if (match[4] !== undefined) return value ?? (used ? unset(name) : "");
    if (depth === MAX_DEPTH) return fail("variables are nested too deeply", DOLLAR);
    const operator = match[3] ?? "";
    const has = operator.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
    const isOther = operator.endsWith("+");
    const word = read(depth + 1, used && has === isOther);
    if (text[at] !== "}") return fail("a ${ without its }", DOLLAR);
    at += 1;
    if (isOther) return has ? word : "";
    if (has) return value ?? "";
    if (operator.endsWith("-") || !used) return word;
    return operator === "" || word === "" ? unset(name) : fail(word, `set ${name} in your environment`);
  };

  const unset = (name: string): string =>
    fail(`the variable ${name} is not set`, `set ${name} in your environment, or write \${${name}:-default}`);

  const result = read(0, true);
  return mistake === undefined ? { ok: true, text: result } : { ok: false, ...mistake };
}
