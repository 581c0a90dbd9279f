import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import {
  findingsOf,
  savingCommands,
  type UnsavedWork,
  type WorkKind,
} from "../../domain/custody/unsaved-work.js";

export interface AtRisk {
  readonly agent: AgentRef;
  readonly work: UnsavedWork;
}

/**
 * Throws E_WORK_AT_RISK that names everything `counts` says is at risk, of all the agents, unless there is nothing.
 * `forced`: what the same command with --force does instead.
 */
export function refuseAtRisk(
  agents: readonly AtRisk[],
  counts: (kind: WorkKind) => boolean,
  forced: string,
): void {
  const refused = agents
    .map(({ agent, work }) => ({
      agent,
      work,
      findings: findingsOf(work).filter(({ kind }) => counts(kind)),
    }))
    .filter(({ findings }) => findings.length > 0);
  if (refused.length === 0) return;
  const told = refused.map(
    ({ agent, findings }) => `${agent.name} has ${findings.map(({ text }) => text).join(", ")}`,
  );
  const commands = refused.flatMap(({ agent, findings, work }) => savingCommands(agent, findings, work));
  const save = commands.length === 0 ? "wait for it to end" : `save it: ${commands.join("; ")}`;
  throw new DevkitError("E_WORK_AT_RISK", told.join("; "), {
    hint: `${save}; or ${forced}`,
    details: {
      agents: refused.map(({ agent, findings }) => ({
        agent: agent.name,
        work: findings.map(({ text }) => text),
      })),
      recovery: commands,
    },
  });
}
