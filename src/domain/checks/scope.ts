const MAX_SCOPE = 300;

/** Whether it can be a check's scope: a pattern of paths in the repository. */
export function isScope(scope: string): boolean {
  return (
    scope.length <= MAX_SCOPE &&
    scope.trim() !== "" &&
    !/[\p{Cc}\\]/u.test(scope) &&
    !scope.startsWith("/") &&
    !scope.startsWith(":") &&
    scope
      .split("/")
      .every((part, at, all) => part !== ".." && part !== "." && (part !== "" || at === all.length - 1))
  );
}

/**
 * Whether a file, by its path in the repository, is in a scope. A pattern without a slash is a name at any depth, one with
 * a slash starts at the root; `*`, `?` and `[a-z]` stay within a name, `**` stands for any directories; a directory stands
 * for all that is in it.
 */
export function isInScope(scope: string, file: string): boolean {
  const isDirectory = scope.endsWith("/");
  const parts = scope.replace(/\/$/, "").split("/");
  const start = parts.length === 1 && !isDirectory ? ["**"] : [];
  return matchesParts([...start, ...parts, ...(isDirectory ? ["**"] : [])], file.split("/"));
}

/**
 * Step by step over all ways to match at once: what patterns and names agents and others come up with takes no more time
 * than their lengths multiplied.
 */
function matchesParts(pattern: readonly string[], names: readonly string[]): boolean {
  // Whether the pattern from here on matches the names from there on.
  let after = names.map(() => true);
  // All of the pattern is used up: what follows lies below what it named.
  after.push(true);
  for (let at = pattern.length - 1; at >= 0; at -= 1) {
    const part = pattern[at] ?? "";
    const here: boolean[] = Array.from({ length: names.length + 1 }, () => false);
    for (let position = names.length; position >= 0; position -= 1) {
      const name = names[position];
      if (part === "**") {
        // At the end it stands for something that is in there, not for the directory itself.
        const isEnd = at === pattern.length - 1 && position === names.length;
        here[position] =
          (!isEnd && after[position] === true) || (name !== undefined && here[position + 1] === true);
      } else here[position] = name !== undefined && after[position + 1] === true && matchesName(part, name);
    }
    after = here;
  }
  return after[0] === true;
}

/** One name against a pattern of `*`, `?` and `[a-z]`; goes back to the last `*` only, which is enough. */
function matchesName(pattern: string, name: string): boolean {
  const tokens = tokensOf(pattern);
  const letters = Array.from(name);
  let [token, letter] = [0, 0];
  let star: { readonly token: number; letter: number } | undefined;
  while (letter < letters.length) {
    const wanted = tokens[token];
    if (wanted === "*") {
      star = { token, letter };
      token += 1;
    } else if (wanted !== undefined && matchesLetter(wanted, letters[letter] ?? "")) {
      token += 1;
      letter += 1;
    } else if (star !== undefined) {
      star.letter += 1;
      [token, letter] = [star.token + 1, star.letter];
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === "*");
}

function tokensOf(pattern: string): readonly string[] {
  return pattern.match(/\[!?\]?[^\]]*\]|./gu) ?? [];
}

function matchesLetter(token: string, letter: string): boolean {
  if (token === "?" || token === letter) return true;
  const [, not, list = ""] = /^\[(!?)(.+)\]$/u.exec(token) ?? [];
  if (not === undefined) return false;
  const ranges = list.match(/.-.|./gu) ?? [];
  const isIn = ranges.some((range) => {
    const [first = "", , last = first] = Array.from(range);
    return letter >= first && letter <= last;
  });
  return isIn !== (not === "!");
}
