import type { SpawnResult } from "../../../app/agents/spawn.js";
import type { HostHooks } from "../../../app/hooks/host-hooks.js";
import { RUNTIMES, type AgentRuntime } from "../../../domain/agents/runtime.js";
import { DevkitError, isDevkitError } from "../../../base/errors.js";
import { allowedNames } from "../../../config/allowed-names.js";
import { planData, planText } from "../../../output/views/agents.js";
import { spawnedData, spawnedText } from "../../../output/views/spawn.js";
import { count, defineCommand, flag, text, toggle } from "../../command.js";
import { ownProgram } from "../../own-program.js";

export const agentSpawn = defineCommand({
  path: "agent spawn",
  summary: "Make new agents, with a task and their program in tmux each",
  description:
    "Makes new agents as `agent up` does, or with `--runtime host` of a worktree alone and without an engine, gives each the next task of the pool, starts it on a branch for that, and starts `[agent] command` in it, in a tmux session. " +
    "An agent for which one of these fails is not made at all; others stay (6). Without tasks left, agents are idle.",
  arguments: [],
  options: {
    name: text("-n, --name <name>", "its name; of several, each gets a number behind it"),
    count: count("-c, --count <n>", "how many; one by default", 1),
    idle: flag("--idle", "without a task"),
    tmux: toggle("--tmux", "start their program, in a tmux session; what `[agent] use_tmux` says by default"),
    dryRun: flag("--dry-run", "print what would be done, and do nothing"),
    runtime: text(
      "--runtime <where>",
      `where it runs: ${RUNTIMES.join(" or ")}; on the host a worktree and a session are all it has, and it can do whatever you can`,
      requireRuntime,
    ),
    force: flag("--force", "more agents than usual or than the budget of all gives room for"),
  },
  examples: [
    "devkit agent spawn",
    "devkit agent spawn --count 3",
    "devkit -p codex agent spawn --name docs --idle",
    "devkit agent spawn --runtime host",
  ],
  json: "{ dryRun, spawned: [{ index, name, path, branch, task_id, task_title, tmux_session: string|null }], operations: [{ agent, kind, cause, after }] }",
  async run({ options, globals, deps, reporter, shutdown }) {
    const [{ foreseeSpawn, spawnAgents }, { requireSuccess }] = await Promise.all([
      import("../../../app/agents/spawn.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const runtime = RUNTIMES.find((one) => one === options.runtime) ?? "container";
    const [spawning, config] = await Promise.all([deps.spawning(), deps.config()]);
    const { settings, settingsOf } = config;
    const { root } = spawning.project;
    const { use_tmux, auto_assign } = settings.agent;
    const request = {
      ...{ name: options.name, count: options.count ?? 1, force: options.force },
      ...{ assigns: auto_assign && !options.idle, hasSession: options.tmux ?? use_tmux },
      ...{ settings, settingsOf, allowed: allowedNames(config), host: deps.host, extras: deps.extras },
      ...{ runtime, hostHooks: await trustedBy(runtime, await deps.hostHooks(config)) },
      program: ownProgram(globals, root),
      ...{ now: new Date(), signal: shutdown.signal },
    };
    if (options.dryRun) {
      const { plan, ...up } = await foreseeSpawn(spawning, request);
      return {
        data: { dryRun: true, spawned: [], operations: planData(plan) },
        human: () => planText(plan, up, reporter.paint),
      };
    }
    const result = await spawnAgents(spawning, request);
    withSpawned(result, () => {
      requireSuccess(result.outcomes, 0);
    });
    return {
      data: { dryRun: false, spawned: result.spawned.map(spawnedData), operations: [] },
      human: () => spawnedText(result.spawned, root),
    };
  },
});

function requireRuntime(raw: string): string {
  if (RUNTIMES.some((one) => one === raw)) return raw;
  throw new TypeError(`It is ${RUNTIMES.join(" or ")}.`);
}

async function trustedBy(runtime: AgentRuntime, host: HostHooks): Promise<HostHooks> {
  const { ofPrograms } = await import("../../../app/hooks/host-hooks.js");
  return runtime === "host" ? ofPrograms(host) : host;
}

/** A failure of some names those that are there, too. */
function withSpawned({ spawned }: SpawnResult, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    const { code, message, hint, exitCode } = error;
    const details = { ...error.details, spawned: spawned.map(spawnedData) };
    throw new DevkitError(code, message, { ...(hint && { hint }), exitCode, details, cause: error });
  }
}
