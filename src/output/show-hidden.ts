/** What a terminal does not show as it is: controls, what changes direction or joins, and spaces that look like one. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|(?! )\p{Zs}/gu;

/** Text that is about to be approved: every character that does not show is written out, `\u{202e}`. */
export function showHidden(text: string): string {
  return text.replaceAll(HIDDEN, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
}
