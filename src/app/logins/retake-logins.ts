import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import { LOGIN_KINDS } from "../../domain/logins/login-kinds.js";
import type { GivenLogin, Holding, LoginRegistry, SlotRef } from "../../domain/logins/login-registry.js";
import type { ProjectDeps } from "../ports.js";
import { warnOnFailure } from "./provide-logins.js";

type Needs = Pick<ProjectDeps, "project" | "logins" | "progress">;

/** An agent that is back from the trash has its logins again, and the slots that nobody has got meanwhile. */
export async function retakeLogins(deps: Needs, agent: AgentRef): Promise<void> {
  const { project, logins } = deps;
  const paths = agentPaths(project, agent);
  const given = await logins.loadGiven(paths);
  if (given.length === 0) return;
  await warnOnFailure(deps, `${agent.name}: its logins were not registered`, undefined, async () => {
    const kept = await logins.change(async ({ holdings, spent }, save) => {
      const others = holdings.filter((one) => one.project !== project.id || one.agent !== agent.name);
      const again = given.map((one) => retake(deps, agent, one, others));
      const place = { project: project.id, agent: agent.name, root: project.root, state: paths.state };
      await save({ holdings: [...others, ...again.map((one): Holding => ({ ...one, ...place }))], spent });
      return again;
    });
    await logins.saveGiven(paths, kept);
  });
}

function retake(
  { progress }: Needs,
  { name, index }: AgentRef,
  given: GivenLogin,
  others: LoginRegistry["holdings"],
): GivenLogin {
  const other = others.find((one) => one.tool === given.tool && isSameSlot(one.slot, given.slot));
  if (other === undefined) return given;
  const { title } = LOGIN_KINDS[given.tool];
  progress.warn(
    `${name}: the slot of its ${title} login is ${other.agent}'s now (${other.root}), and one of the two will be logged out: ` +
      `devkit ${given.tool}-auth clear ${String(index)}`,
  );
  return { ...given, slot: undefined };
}

function isSameSlot(one: SlotRef | undefined, other: SlotRef | undefined): boolean {
  return one !== undefined && one.pool === other?.pool && one.slot === other.slot;
}
