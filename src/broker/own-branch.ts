import { isSafeRefName } from "../domain/custody/refs.js";

/** The branch that an agent says it is on, when it is one of its own; undefined otherwise. */
export function ownBranch(agent: string, branch: string | undefined): string | undefined {
  const isOwn = branch?.startsWith(`agent/${agent}/`) === true && isSafeRefName(`refs/heads/${branch}`);
  return isOwn ? branch : undefined;
}
