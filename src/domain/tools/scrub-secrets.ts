/** Keys of model providers, tokens by their usual starts, JSON web tokens, and what follows `Bearer` if that is no plain word. */
const SECRETS =
  /\bBearer\s+(?!(?:or|and|token)\s)\S+|\b(?:sk|rt|at|pk|gh[opsu]|github_pat|glpat|xox[a-z])[-_][\w.-]{4,}|\beyJ[\w-]{4,}(?:\.[\w-]*){0,2}/gi;

/** A program's text without what looks like a key or a token. */
export function scrubSecrets(text: string): string {
  return text.replaceAll(SECRETS, "[secret]");
}
