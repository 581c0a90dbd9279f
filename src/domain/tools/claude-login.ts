/** Where Claude Code keeps a subscription's login, relative to the home. */
export const CLAUDE_LOGIN = ".claude/.credentials.json";

/** Whether its token's time is over, which the program itself does not tell from a refused one. */
export function isClaudeLoginOver(text: string | undefined, nowMs: number): boolean {
  const found = /"expiresAt"\s*:\s*(\d{10,16})/.exec(text ?? "")?.[1];
  return found !== undefined && Number(found) < nowMs;
}
