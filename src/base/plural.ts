/** `1 commit`, `2 commits`. */
export function countOf(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? "" : "s"}`;
}
