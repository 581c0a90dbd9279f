import { DevkitError } from "../../base/errors.js";
import type { Changes } from "../ports-checks.js";

/** The changes of somebody who says what they have staged, and whose commits nobody here can look at. */
export function createToldChanges(staged: readonly string[]): Changes {
  const refuse = () =>
    Promise.reject(
      new DevkitError("E_USAGE", "in an agent, check run looks at what is staged", {
        hint: "leave --ci and --diff-base out; on the host: devkit check run --diff-base origin/main --agent N",
      }),
    );
  return { staged: () => Promise.resolve(staged), since: refuse, verified: refuse };
}
