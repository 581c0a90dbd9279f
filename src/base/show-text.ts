/** Text that somebody else wrote, safe for a terminal: control and direction-changing characters become `·`, one for one. */
export function showText(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "·");
}

/** The same in double quotes, on one line: a name or a complaint within a sentence. */
export function quoteText(text: string): string {
  return showText(JSON.stringify(text));
}
