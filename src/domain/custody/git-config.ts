/** One setting; `key` as `git config --list` prints it: section and name in lower case, subsection as it is. */
export interface GitConfigEntry {
  readonly key: string;
  readonly value: string;
}

/** Reads `git config --null --list`: key, line feed, value, NUL. A key without a value means true. */
export function parseGitConfigList(text: string): GitConfigEntry[] {
  return text
    .split("\0")
    .filter((record) => record !== "")
    .map((record) => {
      const newline = record.indexOf("\n");
      return newline === -1
        ? { key: record, value: "true" }
        : { key: record.slice(0, newline), value: record.slice(newline + 1) };
    });
}

/** Text of a git config file with these settings; values are always quoted, so any content is safe. */
export function formatGitConfig(entries: readonly GitConfigEntry[]): string {
  return entries
    .map(({ key, value }) => {
      const first = key.indexOf(".");
      const last = key.lastIndexOf(".");
      const subsection =
        first === last ? "" : ` "${key.slice(first + 1, last).replaceAll(/["\\]/g, "\\$&")}"`;
      return `[${key.slice(0, first)}${subsection}]\n\t${key.slice(last + 1)} = "${escapeValue(value)}"\n`;
    })
    .join("");
}

function escapeValue(value: string): string {
  return value.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
