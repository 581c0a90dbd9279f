/** Fails where the real thing would: an operation of a model was applied in a state that does not allow it. */
export function need(holds: boolean, problem: string): void {
  if (!holds) throw new Error(problem);
}
