import { availableParallelism } from "node:os";
import { createLimiter } from "../../base/concurrency.js";
import { toDevkitError, type DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { AgentHook } from "../../domain/hooks/agent-hooks.js";
import { hookOf } from "../../domain/hooks/hook-steps.js";
import type { Operation, OperationKind, Plan } from "../../domain/agents/plan.js";
import type { Progress, ProgressStep } from "../ports.js";

/** `step`: where to say what goes on within a long operation. */
export type Handlers = Readonly<
  Record<OperationKind, (operation: Operation, step: ProgressStep) => Promise<void>>
>;

/** What became of one agent's operations. */
export interface AgentOutcome {
  readonly agent: AgentRef;
  readonly done: readonly Operation[];
  readonly error: DevkitError | undefined;
}

export interface ExecuteOptions {
  readonly handlers: Handlers;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Engine calls at once; by default twice the cores, which keeps them busy (measured). */
  readonly engineConcurrency?: number;
  /** Checkouts at once; each keeps a core and the disk busy. */
  readonly gitConcurrency?: number;
}

/** What each kind says while it runs. */
const DOING: Readonly<Record<OperationKind, string>> = {
  "git.sync": "bringing commits home",
  "worktree.add": "adding the worktree",
  "worktree.adopt": "registering the worktree again",
  "worktree.repair": "repairing the worktree",
  "worktree.checkout": "checking files out",
  "worktree.reindex": "making its index again",
  "state.create": "making its home",
  "git.create": "making its private git dir",
  "caches.create": "making its caches",
  "network.remove": "removing the old network",
  "network.create": "making its network",
  "network.attach": "joining egress",
  "network.seal": "sealing its network",
  "container.remove": "removing the old container",
  "container.create": "creating the container",
  "container.start": "starting the container",
  "container.stop": "stopping the container",
  "ports.publish": "publishing its ports",
  "ports.withdraw": "withdrawing its ports",
  "hook.create": "running its on_create hook",
  "hook.warm": "starting its warm hook",
  "hook.start": "running its on_start hook",
};

/**
 * Runs a plan along its dependencies, agents side by side. An operation whose predecessor failed is left out; other
 * agents go on. Never throws for an operation's failure.
 */
export async function executePlan(plan: Plan, options: ExecuteOptions): Promise<AgentOutcome[]> {
  const cores = availableParallelism();
  const engine = createLimiter(options.engineConcurrency ?? cores * 2);
  const git = createLimiter(options.gitConcurrency ?? cores);
  const limiterOf = (kind: OperationKind) => (/^(container|network|ports|hook)\./.test(kind) ? engine : git);
  const results = new Map<string, Promise<boolean>>();
  const tracks = new Map<string, Track>();

  const start = (operation: Operation): Promise<boolean> => {
    const track = trackOf(tracks, operation.agent, options.progress);
    const run = async () => {
      const before = await Promise.all(operation.after.map((id) => results.get(id) ?? Promise.resolve(true)));
      if (before.includes(false)) return false;
      try {
        await limiterOf(operation.kind)(async () => {
          // What has been started is sealed, whoever interrupts.
          if (operation.kind !== "network.seal") options.signal.throwIfAborted();
          track.step.update(DOING[operation.kind]);
          await options.handlers[operation.kind](operation, track.step);
        });
        track.done.push(operation);
        return true;
      } catch (error) {
        track.error ??= toDevkitError(error);
        return false;
      }
    };
    const result = run();
    results.set(operation.id, result);
    return result;
  };

  // Plans list an operation after all it waits for.
  const running = plan.operations.map((operation) => ({
    agent: operation.agent.name,
    result: start(operation),
  }));
  await Promise.all(
    [...tracks.values()].map(async (track) => {
      await Promise.all(
        running.filter(({ agent }) => agent === track.agent.name).map(({ result }) => result),
      );
      if (track.error === undefined) track.step.done(summarize(track.done));
      else track.step.fail(track.error.message);
    }),
  );
  return [...tracks.values()].map(({ agent, done, error }) => ({ agent, done, error }));
}

interface Track {
  readonly agent: AgentRef;
  readonly step: ProgressStep;
  readonly done: Operation[];
  error: DevkitError | undefined;
}

function trackOf(tracks: Map<string, Track>, agent: AgentRef, progress: Progress): Track {
  const found = tracks.get(agent.name);
  if (found !== undefined) return found;
  const track: Track = { agent, step: progress.step(agent, "waiting"), done: [], error: undefined };
  tracks.set(agent.name, track);
  return track;
}

/** The last line about an agent: what it is now, and unless it is simply new, why anything had to be done. */
function summarize(done: readonly Operation[]): string {
  const last = done.at(-1);
  if (last === undefined) return "nothing to do";
  if (last.kind === "container.stop") return "stopped";
  const hooks = done.map(({ kind }) => hookOf(kind)).filter((hook) => hook !== undefined);
  if (hooks.length > 0) return hooks.map(describeHook).join(", ");
  const isNew =
    done.some(({ kind }) => kind === "git.create") && done.some(({ kind }) => kind === "worktree.add");
  if (isNew) return "created and running";
  return `running again: ${done.find(({ kind }) => kind !== "git.sync")?.cause ?? ""}`;
}

function describeHook(hook: AgentHook): string {
  return hook === "warm" ? "warm goes on in the background" : `${hook} ran`;
}
