import { parseAgentName } from "../../domain/agents/agent.js";
import { isLive } from "../../domain/agents/observed.js";
import { admit, type Admission, type AdmissionRequest } from "../../domain/limits/admission.js";
import { recordedLimits } from "../../domain/limits/recorded-limits.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { findMachineState } from "../limits/find-room.js";
import type { RunDeps } from "./run-deps.js";
import type { RunRequest } from "./run-agents.js";

export interface AdmissionNeeds extends Pick<AdmissionRequest, "own" | "fresh"> {
  /** Names of those that wait, in their order. */
  readonly waiting: readonly string[];
}

/**
 * How many of a run's agents may start now. What is decided here is looked at again under the agents' lock, where two runs
 * that see the same room cannot both take it.
 */
export async function findAdmission(
  deps: RunDeps,
  { spawn: { settings, settingsOf, force, host }, jobs }: RunRequest,
  { waiting, own, fresh }: AdmissionNeeds,
): Promise<Admission> {
  const isLimited = !force && Object.values(settings.budget).some((limit) => limit !== undefined);
  const [running, machine] = await Promise.all([
    isLimited ? findRunning(deps, settingsOf) : [],
    force ? undefined : findMachineState(deps, host),
  ]);
  return admit({
    // Which index each will have is not known yet.
    waiting: waiting.map((name) => settingsOf({ index: 0, name }).container),
    budget: force ? { memory: undefined, cpus: undefined, pids: undefined } : settings.budget,
    ...{ running, machine, own, fresh, jobs },
  });
}

/** What the project's running agents have; those of runs end by themselves. */
async function findRunning(
  { engine, project, ephemeral, loadRoster }: RunDeps,
  settingsOf: SettingsOf,
): Promise<AdmissionRequest["running"]> {
  const [containers, notes] = await Promise.all([
    engine.listContainers("agent", project.id),
    ephemeral.list(),
  ]);
  const roster = loadRoster();
  const ending = new Set(notes.flatMap(({ note }) => (note.run === undefined ? [] : [note.agent.name])));
  return containers.filter(isLive).map(({ agentName, config }) => {
    const agent = parseAgentName(agentName, roster) ?? { index: 0, name: agentName };
    return { limits: recordedLimits(config) ?? settingsOf(agent).container, ends: ending.has(agentName) };
  });
}
