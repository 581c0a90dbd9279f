/** A word of a script, or a block of commands that a command takes as one of its words. */
export type ScriptWord = string | readonly ScriptCommand[];

/** One tmux command: its name and its words, which tmux gets byte for byte. */
export type ScriptCommand = readonly [string, ...ScriptWord[]];

/**
 * Commands as one line for tmux to read: what follows one that fails is left out, and nothing else of the server runs in
 * between. On a command line they would be bounded by 16 KB, be there for everybody to read, and a last `;` of a word would
 * be tmux's.
 */
export function formatScript(commands: readonly ScriptCommand[]): string {
  return commands.map((words) => words.map(formatWord).join(" ")).join(" ; ");
}

function formatWord(word: ScriptWord): string {
  if (typeof word !== "string") return `{ ${formatScript(word)} }`;
  const bytes = [...Buffer.from(word)];
  return `"${bytes.map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : octal(byte))).join("")}"`;
}

function isPlain(byte: number): boolean {
  return /[\w/.-]/.test(String.fromCharCode(byte)) && byte < 128;
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}

/** Text where tmux would take it for a format. */
export function literal(text: string): string {
  return text.replaceAll("#", "##");
}

/** The same within a comparison of a format. */
function operand(text: string): string {
  return text.replaceAll(/[#,}]/g, "#$&");
}

/** A format that is 1 where all of these options have these values. */
export function hasOptions(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([name, value]) => `#{==:#{${name}},${operand(value)}}`)
    .reduce((all, one) => `#{&&:${all},${one}}`);
}

/** A format that is 1 where it is for any session (S), or any window of the session (W). */
export function anyOf(kind: "S" | "W", format: string): string {
  return `#{m:*1*,#{${kind}:${format}}}`;
}
