import { agentAt, type AgentRef } from "../../../../src/domain/agents/agent.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { taskOf, type Claim } from "../../../../src/domain/tasks/task.js";
import type { FakeContainer } from "../../fakes/engine.js";
import type { World } from "../../fakes/world.js";
import type { HealthStand } from "../../support/health-stand.js";
import { PROJECT } from "../../support/things.js";

/** An agent that there is no more. */
export const GONE = agentAt(9);

export function worktreeOf(agent: AgentRef): string {
  return agentPaths(PROJECT, agent).worktree;
}

export function containerOf({ engine }: World, role: string, agent?: string): FakeContainer {
  const found = [...engine.containers.values()].find(
    ({ spec: { labels } }) =>
      labels[LABELS.role] === role && (agent === undefined || labels[LABELS.agent] === agent),
  );
  if (found === undefined) throw new Error(`there is no ${role} container`);
  return found;
}

/** Makes TSK-1, which somebody has claimed. */
export async function plantClaim({ pool }: HealthStand, claim: Partial<Claim>): Promise<void> {
  const task = taskOf("TSK-1", { title: "t" }, "2026-01-01T00:00:00Z");
  const expiresAt = new Date(pool.now + 60_000).toISOString();
  const full = { agent: GONE.name, number: 1, expiresAt, host: "here", ...claim };
  await pool.deps.store.edit((editor) =>
    editor.create([{ ...task, status: "in_progress", claim: full, claims: 1 }]),
  );
}
