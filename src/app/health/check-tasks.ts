import path from "node:path";
import { isDevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { hasLapsed } from "../../domain/tasks/claims.js";
import { MAIN, type Claim } from "../../domain/tasks/task.js";
import { renew } from "../tasks/free-claims.js";
import { giveBack } from "../tasks/tend-claims.js";
import { failure, judged, ok, warning, type Fault, type Look, type Looking } from "./check.js";
import { whileHeld } from "./while-held.js";

/** Clocks are read one after another. */
const SLACK_MS = 60_000;

/** Files of the pool that cannot be read, and claims of agents that there are no more. */
export async function lookAtTasks({ project, present, machine }: Looking): Promise<Look> {
  const [deps, { names }] = await Promise.all([project(), present()]);
  const { tasks, broken } = deps.pool.store.load();
  const directory = path.join(deps.project.devkitDir, "refs", "tasks");
  const unreadable = broken.map(({ name, problem }) =>
    failure(`${name} ${problem}`, `$EDITOR ${shellWord(path.join(directory, name))}`),
  );
  const now = machine.now();
  const latestMs = now.getTime() + (await deps.pool.leaseMs()) + SLACK_MS;
  const claims = [...tasks.values()].flatMap(({ id, claim }): Fault[] => {
    if (claim === undefined || claim.agent === MAIN) return [];
    const why = whyLost(claim, { names, host: deps.pool.host, now });
    if (why !== undefined) return [lost(id, claim, why)];
    return Date.parse(claim.expiresAt ?? "") > latestMs ? [far(id, claim)] : [];
  });
  return judged(`${String(tasks.size)} in the pool`, [...unreadable, ...claims]);
}

interface Known {
  readonly names: ReadonlySet<string>;
  /** This machine's name. */
  readonly host: string;
  readonly now: Date;
}

/**
 * Of another machine's agents nothing is known here but how long their claims hold; what people write into files by hand
 * does not end by itself.
 */
function whyLost(claim: Claim, { names, host, now }: Known): string | undefined {
  const { agent } = claim;
  if (claim.host !== host)
    return hasLapsed(claim, now)
      ? `${agent} on ${claim.host ?? "some machine"} has not renewed its claim of it`
      : undefined;
  return names.has(agent) ? undefined : `${agent}, which has it, is no agent any more`;
}

/** It holds longer than any made now would: the clock was ahead when it was made. */
function far(id: string, { agent, expiresAt = "" }: Claim): Fault {
  const text = `${agent}'s claim of ${id} holds until ${expiresAt}, as if it had been made in the future`;
  return warning(text, `devkit task release ${id} --force`, {
    action: `let ${agent}'s claim of ${id} end as one made now would`,
    apply: ({ deps }) => renew(deps.pool, id, agent),
  });
}

function lost(id: string, claim: Claim, why: string): Fault {
  return warning(`${id}: ${why}`, `devkit task release ${id} --force`, {
    action: `give ${id} back to the pool`,
    apply: ({ deps }) =>
      whileHeld(deps, async ({ names }) => {
        const known = { names, host: deps.pool.host, now: deps.pool.now() };
        // The very claim that was judged goes, and only while that still holds.
        if (whyLost(claim, known) !== undefined) await giveBack(deps.pool, id, claim);
      }),
  });
}

/** Sessions of agents that there are no more. */
export async function lookAtSessions({ project, present }: Looking): Promise<Look> {
  const [deps, { names }] = await Promise.all([project(), present()]);
  try {
    await deps.sessions.require();
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_TOOL_MISSING") throw error;
    return judged("", [warning(error.message, "sudo apt-get install tmux")]);
  }
  const sessions = await deps.sessions.list();
  const faults = sessions
    .filter(({ agent }) => !names.has(agent))
    .map(({ agent, name }) =>
      warning(
        `the session ${name} shows ${agent}, which is gone`,
        `tmux kill-session -t =${shellWord(name)}`,
        {
          action: `end the session ${name}`,
          apply: ({ deps: act }) =>
            whileHeld(act, async (now) => {
              if (now.names.has(agent) || (await act.sessions.isInside(agent))) return;
              await act.sessions.kill(agent);
            }),
        },
      ),
    );
  return judged(`${String(sessions.length)} of agents`, faults);
}

export async function lookAtLocks({ project }: Looking): Promise<Look> {
  const stale = await (await project()).locks.stale();
  if (stale.length === 0) return ok("none held by a dead process");
  const text = `${stale.join(", ")} of a dead process; the next command takes over`;
  return judged(text, [
    warning(text, "devkit repair --apply", {
      action: `take over and free the locks ${stale.join(", ")}`,
      async apply({ deps }) {
        for (const name of stale) await deps.locks.hold(name, () => Promise.resolve());
      },
    }),
  ]);
}
