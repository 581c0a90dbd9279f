/** A path as git has it, one character per byte: the name of a file need not be text. */
export type RawPath = string;

const ESCAPES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

/** What would move, colour or reorder a terminal's text. */
// eslint-disable-next-line no-control-regex -- control characters are what this finds
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Raw bytes from text, as git gets a path from a command line. */
export function toRawPath(text: string): RawPath {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The path as text, for documents; one that is not UTF-8 as git quotes it. */
export function pathText(raw: RawPath): string {
  return decode(raw) ?? quote(raw);
}

/** The path for people: as it is, or quoted the way git does when it holds anything that would confuse a terminal. */
export function showPath(raw: RawPath): string {
  const text = decode(raw);
  return text === undefined || UNSHOWABLE.test(text) || /["\\]/.test(text) ? quote(raw) : text;
}

/** A few paths on one line, and how many more there are. */
export function showPaths(raw: readonly RawPath[]): string {
  const shown = raw.slice(0, 10).map(showPath);
  const more = raw.length > shown.length ? [`and ${String(raw.length - shown.length)} more`] : [];
  return [...shown, ...more].join(", ");
}

function decode(raw: RawPath): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(raw, "latin1"));
  } catch {
    return undefined;
  }
}

function quote(raw: RawPath): string {
  const text = decode(raw);
  const parts = Array.from(text ?? raw).map((character) => {
    const isPlain = !UNSHOWABLE.test(character) && (text !== undefined || character < "\u0080");
    return ESCAPES[character] ?? (isPlain ? character : octal(character, text === undefined));
  });
  return `"${parts.join("")}"`;
}

function octal(character: string, isByte: boolean): string {
  const bytes = Buffer.from(character, isByte ? "latin1" : "utf8");
  return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
