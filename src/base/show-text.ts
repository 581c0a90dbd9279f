/** With this, anywhere in a line, commands to CI runners begin: GitHub's, Azure's, TeamCity's. */
export const RUNNER_COMMAND = /(?<=#)#(?=(?:vso|teamcity)?\[)/gi;

/**
 * Text that somebody else wrote, safe for a terminal and for a CI that looks for commands in what is printed: control and
 * direction-changing characters become `·`, one for one, and so does what begins such a command.
 */
export function showText(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "·")
    .replaceAll(RUNNER_COMMAND, "·");
}

/** The same in double quotes, on one line: a name or a complaint within a sentence. */
export function quoteText(text: string): string {
  return showText(JSON.stringify(text));
}
