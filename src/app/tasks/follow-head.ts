import { isDevkitError } from "../../base/errors.js";
import type { TaskDeps } from "../ports-tasks.js";
import { currentOf } from "./list-tasks.js";

type Needs = Pick<TaskDeps, "local" | "progress" | "store">;

/** Notes in an agent's own directory, or the user's, which task it works on. The pool knows without it. */
export function writeHead(deps: Needs, agent: string, id: string | undefined): void {
  tryTo(deps, () => deps.local(agent)?.setHead(id));
}

/** An agent does not have this task any more: its HEAD goes on to what it works on besides. */
export function followHead(deps: Needs, agent: string, id: string): void {
  tryTo(deps, () => {
    const local = deps.local(agent);
    if (local?.head() === id) local.setHead(currentOf(deps.store.load(), agent)?.id);
  });
}

/** Whatever an agent put in the place of that file: the pool has been changed, and that is what counts. */
function tryTo({ progress }: Needs, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isDevkitError(error) || error.code === "E_BUG") throw error;
    progress.warn(error.message);
  }
}
