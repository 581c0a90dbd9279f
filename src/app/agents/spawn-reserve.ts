import { DevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { parseAgentName, type AgentRef } from "../../domain/agents/agent.js";
import { chooseAgents, type AskedAgents } from "../../domain/agents/choose-agents.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import type { AgentRuntime } from "../../domain/agents/runtime.js";
import { isWithin } from "../../domain/custody/mounts.js";
import { agentPaths } from "../../domain/identity/project.js";
import { finishTrash } from "../custody/finish-trash.js";
import type { SpawnWork } from "../ports-spawn.js";
import { finishLeft } from "./finish-agents.js";
import { observe } from "./observe.js";
import type { SpawnDeps } from "./spawn-deps.js";
import { undoSpawn } from "./spawn-undo.js";

/** The agents to make, as it looks now. @throws DevkitError E_USAGE, E_AGENT_EXISTS */
export async function foreseeAgents(deps: SpawnDeps, asked: AskedAgents): Promise<AgentRef[]> {
  const [observed, underWay, refs] = await Promise.all([
    observe(deps),
    deps.journal.list(),
    deps.history.agentRefs(),
  ]);
  const there = observed.filter(hasTrace).map(({ agent }) => agent);
  // What was made below a name without an agent is somebody's.
  const named = [...refs.keys()].map((name): AgentRef => parseAgentName(name) ?? { index: 0, name });
  return chooseAgents(asked, [...there, ...named, ...underWay.map(({ agent }) => agent)]);
}

/**
 * Keeps the names of the agents to make for this process, all of them or none.
 * @throws DevkitError E_WORK_IN_THE_WAY, and those of `foreseeAgents`
 */
export async function reserveAgents(
  deps: SpawnDeps,
  asked: AskedAgents & { readonly runtime: AgentRuntime },
  now: Date,
): Promise<SpawnWork[]> {
  return deps.locks.hold("agents", async () => {
    await finishTrash(deps);
    await finishLeft(deps, now);
    // Others can have given names since this process began.
    deps.project.roster = deps.loadRoster();
    const agents = await foreseeAgents(deps, asked);
    for (const agent of agents) await refuseInTheWay(deps, agent);
    const works = agents.map((agent): SpawnWork => ({ kind: "spawn", agent, isBegun: false }));
    const kept: SpawnWork[] = [];
    try {
      for (const work of works) {
        if (!(await deps.journal.begin(work))) throw underWayError(work.agent);
        kept.push(work);
        await deps.state.enrol(deps.project, work.agent, asked.runtime);
      }
      return kept;
    } catch (error) {
      for (const work of kept) await undoSpawn(deps, work, now);
      throw error;
    }
  });
}

/** Of an agent that is not whole something can be left all the same. */
function hasTrace(observed: ObservedAgent): boolean {
  return isPresent(observed) || observed.worktree.directory === "files" || observed.state.home;
}

/**
 * Of what somebody has put where an agent would be, none is made: taking that back would mean theirs. git knows of no agent
 * there, for then it would not be free.
 */
async function refuseInTheWay({ project, worktrees }: SpawnDeps, { name, index }: AgentRef): Promise<void> {
  const at = agentPaths(project, { name, index }).worktree;
  const { directory } = await worktrees.inspect(at);
  if (directory === "absent" || (directory === "empty" && isWithin(at, project.devkitDir))) return;
  throw new DevkitError("E_WORK_IN_THE_WAY", `${at} is there already, where ${name} would be`, {
    hint: `look at it, and move it away: ls -la ${shellWord(at)}`,
  });
}

function underWayError({ name }: AgentRef): DevkitError {
  return new DevkitError("E_AGENT_EXISTS", `another devkit is at work on ${name}`, {
    hint: "wait for it to end, or choose another name",
    details: { agent: name, id: null },
  });
}
