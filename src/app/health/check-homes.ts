import { agentPaths } from "../../domain/identity/project.js";
import { planCaches } from "../../domain/caches/plan-caches.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { removeLooseVolumes } from "../caches/remove-loose-volumes.js";
import { careForHomes } from "../identity/care-for-homes.js";
import { findHomesTrouble } from "../identity/check-homes.js";
import { checkLogins } from "../logins/check-logins.js";
import { bringingUp, judged, warning, type Fault, type Look, type Looking, type Repair } from "./check.js";
import { whileHeld } from "./while-held.js";

export async function lookAtHomes({ project }: Looking): Promise<Look> {
  const deps = await project();
  const trouble = await findHomesTrouble(deps, await deps.state.known(deps.project));
  const repair: Repair = {
    action: "close homes to other users",
    apply: ({ deps: act }) =>
      whileHeld(act, async () => careForHomes(act, await act.state.known(act.project))),
  };
  const faults = trouble === undefined ? [] : [warning(trouble.found, trouble.fix, repair)];
  return judged("closed to everybody else", faults);
}

export async function lookAtLogins({ project, machine }: Looking): Promise<Look> {
  const { verdict, found, fix } = await checkLogins(await project(), machine.now());
  return judged(found, verdict === "ok" ? [] : [warning(found, fix)]);
}

/** Agents that are to have the user's ssh agent, which has to be there. */
export async function lookAtSsh({ project, present, ssh }: Looking): Promise<Look> {
  const [deps, { agents }] = await Promise.all([project(), present()]);
  const forwarded = agents.filter(({ agent }) => ssh.records.load(agentPaths(deps.project, agent)).forward);
  if (forwarded.length === 0) return judged("no agent waits for your ssh agent", []);
  const names = forwarded.map(({ agent }) => agent.name).join(", ");
  const connection = await ssh.user.connectAgent();
  connection?.destroy();
  const text = `${names} get your ssh agent`;
  return connection === undefined
    ? judged(text, [
        warning(`${names}: no ssh agent answers that they could be given`, 'eval "$(ssh-agent)" && ssh-add'),
      ])
    : judged(text, []);
}

export async function lookAtCaches({ project, present, settings }: Looking): Promise<Look> {
  const [deps, { agents }, { settingsOf }] = await Promise.all([project(), present(), settings()]);
  const own = agents.filter(({ container }) => container !== undefined);
  const [lost, strays, volumes] = await Promise.all([
    Promise.all(
      own.map(async ({ agent }): Promise<Fault[]> => {
        const plan = planCaches(settingsOf(agent).caches);
        const why = await deps.caches.findTrouble(agentPaths(deps.project, agent), plan);
        return why === undefined
          ? []
          : [warning(`caches of ${agent.name}: ${why}`, upCommand([agent]), bringingUp(agent))];
      }),
    ),
    deps.caches.listStrays(),
    deps.engine.listLooseVolumes(deps.project.id),
  ]);
  const stray =
    strays.length === 0
      ? []
      : [
          warning(
            `${String(strays.length)} entries among the shared caches are none`,
            "devkit cache prune --apply",
          ),
        ];
  const loose = volumes.map(({ name }) =>
    warning(`the volume ${name} has no container any more`, `docker volume rm ${name}`, {
      action: "remove volumes of containers that are gone",
      apply: ({ deps: act }) => whileHeld(act, () => removeLooseVolumes(act)),
    }),
  );
  return judged("in place", [...lost.flat(), ...stray, ...loose]);
}
