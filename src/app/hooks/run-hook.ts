import { randomBytes } from "node:crypto";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { AgentHook } from "../../domain/hooks/agent-hooks.js";
import { hashCommands, type HookRun } from "../../domain/hooks/hook-record.js";
import { isHookDone } from "../../domain/hooks/hook-steps.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { SettingsOf } from "../../domain/settings/settings.js";
import { watchMemory } from "../limits/watch-memory.js";
import type { LabelledContainer } from "../ports-engine.js";
import type { ProgressStep, ProjectDeps } from "../ports.js";
import { createHookOutput, lastLines, type HookOutput } from "./hook-output.js";
import { endLeftovers, hookEnv, startInBackground } from "./hook-processes.js";
import { loadHooks, loadRecord } from "./load-hooks.js";
import { withinTime } from "./within-time.js";

type Needs = Pick<ProjectDeps, "engine" | "hooks" | "locks" | "project">;

export interface HookRequest {
  readonly agent: AgentRef;
  readonly container: LabelledContainer;
  readonly hook: AgentHook;
  readonly settingsOf: SettingsOf;
  /** The user's variables that the hook's commands get. */
  readonly env: Readonly<Record<string, string>>;
  /** Also when it need not run. */
  readonly again: boolean;
  readonly step: Pick<ProgressStep, "update">;
  readonly signal: AbortSignal;
}

/** Lines of what a failed hook said that its error shows. */
const SHOWN_LINES = 20;

/**
 * Runs a hook's commands in a running agent, in order, to the first that fails, and writes down how that went: before
 * it begins and when it has ended, so that one that was cut off is known. One at a time for each agent.
 * @throws DevkitError E_HOOK
 */
export async function runHook(deps: Needs, request: HookRequest): Promise<void> {
  const { agent, container, hook, settingsOf } = request;
  await deps.locks.hold(`hooks-${agent.name}`, async () => {
    const hooks = await loadHooks(deps, settingsOf, agent, container);
    const start = hooks?.place?.start;
    if (hooks === undefined || hooks.commands[hook].length === 0) return;
    if (!request.again && isHookDone(hooks, hook)) return;
    if (start === undefined) throw new DevkitError("E_AGENT_NOT_RUNNING", `${agent.name} does not run`);
    const before = hooks.record[hook];
    const isLeft =
      before?.ended === undefined && before?.container === container.id && before.start === start;
    if (isLeft) await endLeftovers(deps.engine, before);
    const commands = hooks.commands[hook];
    const run: HookRun = {
      id: randomBytes(6).toString("hex"),
      container: container.id,
      start,
      hash: hashCommands(commands),
      began: new Date().toISOString(),
      ended: undefined,
      exitCode: undefined,
    };
    await save(deps, request, run);
    const { workdir } = settingsOf(agent).container;
    if (hook === "warm") await startInBackground(deps.engine, run, { commands, workdir, env: request.env });
    else await runCommands(deps, request, run, commands);
  });
}

async function save(deps: Needs, { agent, hook }: HookRequest, run: HookRun): Promise<void> {
  await deps.hooks.saveRecord(agentPaths(deps.project, agent), {
    ...(await loadRecord(deps, agent)),
    [hook]: run,
  });
}

async function runCommands(
  deps: Needs,
  request: HookRequest,
  run: HookRun,
  commands: readonly string[],
): Promise<void> {
  const { agent, hook, signal } = request;
  const output = createHookOutput((line) => {
    request.step.update(`${hook}: ${line}`);
  });
  const keep = () => deps.hooks.saveLog(agentPaths(deps.project, agent), hook, output.text());
  let exitCode: number | undefined;
  const end = () => save(deps, request, { ...run, ended: new Date().toISOString(), exitCode });
  try {
    await withinTime(`its ${hook} hook`, signal, async (limited) => {
      for (const command of commands) {
        const failed = await runCommand(deps, request, run, { command, output, signal: limited });
        if (failed === undefined) continue;
        exitCode = failed.exitCode;
        throw failure(request, { ...failed, command, said: output.text(), log: await keep() });
      }
      exitCode = 0;
    });
    await end();
  } catch (error) {
    // What the user has interrupted stays as it is, cut off; a failure and slowness are ends.
    if (isDevkitError(error) && error.code === "E_HOOK") await end();
    throw error;
  } finally {
    await keep();
  }
}

interface Running {
  readonly command: string;
  readonly output: HookOutput;
  readonly signal: AbortSignal;
}

interface Failed {
  readonly exitCode: number;
  /** What else is known of why. */
  readonly reason: string | undefined;
}

async function runCommand(
  { engine }: Needs,
  { container, agent, hook, settingsOf, env }: HookRequest,
  run: HookRun,
  { command, output, signal }: Running,
): Promise<Failed | undefined> {
  const { workdir } = settingsOf(agent).container;
  const exec = { argv: ["sh", "-c", command], env: { ...env, ...hookEnv(hook, run) }, workdir, tty: false };
  const memory = watchMemory(engine, container);
  const streams = { stdin: undefined, stdout: output.stream, stderr: output.stream, signal };
  const exitCode = await engine.exec(container.id, exec, streams);
  return exitCode === 0 ? undefined : { exitCode, reason: await memory.explain(exitCode) };
}

interface Told extends Failed {
  readonly command: string;
  readonly said: string;
  readonly log: string;
}

function failure({ agent, hook }: HookRequest, { exitCode, reason, command, said, log }: Told): DevkitError {
  const lines = lastLines(said, SHOWN_LINES);
  const why = reason ?? lines.at(-1);
  const index = String(agent.index);
  return new DevkitError(
    "E_HOOK",
    `its ${hook} hook failed: ${quoteText(command)} ended with exit code ${String(exitCode)}${why === undefined ? "" : `: ${why}`}`,
    {
      hint: `look around: devkit exec-cd ${index} bash; all it said: ${log}; then run it again: devkit hook run ${hook} ${index}`,
      details: {
        agent: agent.name,
        hook,
        command,
        exitCode,
        log,
        ...(lines.length === 0 ? {} : { excerpt: lines.join("\n") }),
      },
    },
  );
}
