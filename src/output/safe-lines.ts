import { showText } from "../base/show-text.js";

/** Text of one or more lines, parts of which may be an agent's or a repository's, safe for a terminal. */
export function safeLines(text: string): string {
  const lines = text.split(/\r?\n/);
  return lines.map((line) => showText(line.replaceAll("\t", "  "))).join("\n");
}
