/** Words of a command line as a shell would split it, without anything else that a shell does; undefined: a quote stays open. */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (quote === "'" ? character === "'" : quote !== "" && character === quote) quote = "";
    else if (character === "\\" && quote !== "'") {
      const next = text[at + 1] ?? "";
      const stays = quote === '"' && !'"\\$`'.includes(next);
      word = (word ?? "") + (stays ? character : "") + next;
      at += 1;
    } else if (quote !== "") word = (word ?? "") + character;
    else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (word !== undefined) words.push(word);
  return quote === "" ? words : undefined;
}
