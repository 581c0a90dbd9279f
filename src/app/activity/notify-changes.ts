import { errorMessage } from "../../base/errors.js";
import { countOf } from "../../base/plural.js";
import { createHookOutput, lastLines } from "../hooks/hook-output.js";
import type { RunHostCommand } from "../ports-hooks.js";
import type { Progress } from "../ports.js";
import { stateOf, type AgentChange } from "./watch-agents.js";

export interface NotifyDeps {
  /** A command of a shell. */
  readonly command: string;
  readonly runCommand: RunHostCommand;
  readonly projectId: string;
  readonly progress: Pick<Progress, "warn">;
  readonly signal: AbortSignal;
  readonly limits?: NotifyLimits;
}

export interface NotifyLimits {
  /** Between two runs for one agent: what comes between is told by its last state. */
  readonly everyMs: number;
  /** Of one run. */
  readonly runMs: number;
}

const LIMITS: NotifyLimits = { everyMs: 5000, runMs: 30_000 };

/** What waits to be told of one agent. */
interface Line {
  /** What was told last. */
  state: string | undefined;
  next: AgentChange | undefined;
  isBusy: boolean;
}

/**
 * Tells the user's command of agents that are at something else than it was told before. It is never waited for, runs once at
 * a time for each agent, and neither often nor long; what goes wrong with it is a warning.
 */
export function createNotifier(deps: NotifyDeps): (changes: readonly AgentChange[]) => void {
  const lines = new Map<string, Line>();
  const { everyMs } = deps.limits ?? LIMITS;
  const drain = async (line: Line): Promise<void> => {
    line.isBusy = true;
    while (line.next !== undefined && !deps.signal.aborted) {
      const change = line.next;
      line.next = undefined;
      const state = stateOf(change.now) ?? "gone";
      if (state === line.state) continue;
      const previous = line.state ?? "";
      line.state = state;
      await Promise.all([run(deps, change, { state, previous }), rest(everyMs, deps.signal)]);
    }
    line.isBusy = false;
  };
  return (changes) => {
    for (const change of changes) {
      const line = lines.get(change.name) ?? {
        ...{ state: stateOf(change.before), next: undefined, isBusy: false },
      };
      lines.set(change.name, line);
      if (change.first) {
        line.state = stateOf(change.now);
        continue;
      }
      line.next = change;
      if (!line.isBusy) void drain(line);
    }
  };
}

async function run(
  { command, runCommand, projectId, progress, signal, limits = LIMITS }: NotifyDeps,
  { name, now, before }: AgentChange,
  { state, previous }: { readonly state: string; readonly previous: string },
): Promise<void> {
  const output = createHookOutput(() => undefined);
  const { index = 0 } = (now ?? before)?.agent ?? {};
  const { detail = "", exitCode } = now?.activity ?? {};
  const env = {
    ...{ DEVKIT_HOOK: "notify", DEVKIT_PROJECT: projectId, DEVKIT_AGENT: name },
    ...{ DEVKIT_AGENT_INDEX: String(index), DEVKIT_STATE: state, DEVKIT_PREVIOUS: previous },
    ...{ DEVKIT_TASK: now?.task?.id ?? "", DEVKIT_DETAIL: detail, DEVKIT_EXIT_CODE: String(exitCode ?? "") },
  };
  const late = AbortSignal.timeout(limits.runMs);
  const failed = (why: string) => {
    const said = lastLines(output.text(), 3);
    const more = said.length === 0 ? "" : `: ${said.join(" / ")}`;
    progress.warn(`the command of [agent] notify ${why} (${name} is ${state})${more}`);
  };
  try {
    const signals = AbortSignal.any([signal, late]);
    const exit = await runCommand({ command, output: output.stream, signal: signals, env });
    if (exit !== 0) failed(`ended with exit code ${String(exit)}`);
  } catch (error) {
    if (signal.aborted) return;
    failed(late.aborted ? `took longer than ${countOf(limits.runMs / 1000, "second")}` : errorMessage(error));
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
