import * as v from "valibot";
import {
  agentRef,
  count,
  failed,
  nine,
  ok,
  path,
  some,
  text,
  usage,
  type CommandPins,
} from "./json-shapes.js";
import { trashed } from "./json-pins-homes.js";

const id = v.pipe(v.string(), v.regex(/^TSK-\d+$/));

const task = { task_id: v.nullable(id), task_title: v.nullable(text), task_status: v.nullable(text) };

/** What `agent status` says of where it was called. */
export const primaryTask = { agent_name: v.literal("main"), path, is_main: v.literal(true), ...task };

/** What `agent list` says of an agent's task and session. */
export const workload = {
  ...task,
  tmux_session: v.nullable(text),
  tmux_running: v.boolean(),
  tmux_ended: v.nullable(text),
};

export const killData = v.strictObject({
  agents: some(
    v.strictObject({
      ...trashed,
      ...{ tmux_killed: v.literal(false), worktree_removed: v.literal(true), released_tasks: v.array(id) },
    }),
  ),
});

const operation = v.strictObject({ agent: text, kind: text, cause: text, after: v.array(text) });
const spawned = v.strictObject({
  ...{ index: agentRef.index, name: v.literal("agent-4"), path, branch: v.literal("agent/agent-4/idle") },
  ...{ task_id: v.null(), task_title: v.null(), tmux_session: v.null() },
});
export const SPAWN_PINS: Readonly<Record<string, CommandPins>> = {
  "agent spawn": {
    success: [
      ok(
        ["agent", "spawn", "--no-tmux", "--dry-run"],
        v.strictObject({ dryRun: v.literal(true), spawned: v.strictTuple([]), operations: some(operation) }),
      ),
      ok(
        ["agent", "spawn", "--idle", "--no-tmux"],
        v.strictObject({
          ...{ dryRun: v.literal(false), spawned: v.strictTuple([spawned]), operations: v.strictTuple([]) },
        }),
      ),
    ],
    failure: [
      { args: ["agent", "spawn", "--name", "a b", "--no-tmux"], ...usage },
      { args: ["agent", "spawn", "--count", "none"], ...usage },
      {
        args: ["agent", "spawn", "--name", "agent-4", "--no-tmux"],
        exitCode: 5,
        shape: failed("E_AGENT_EXISTS", 5, { agent: v.literal("agent-4"), id: v.null() }),
      },
    ],
  },
};

export const ASSIGN_PINS: Readonly<Record<string, CommandPins>> = {
  "agent assign": {
    success: [
      ok(
        ["agent", "assign", "3", "TSK-1"],
        v.strictObject({
          ...{ success: v.literal(true), agent: v.literal("agent-3"), task_id: id, task_title: text },
          ...{ branch: v.literal("agent/agent-3/tsk-1"), released_tasks: v.array(id) },
        }),
      ),
    ],
    failure: [
      {
        args: ["agent", "assign", "3", "TSK-99"],
        exitCode: 4,
        shape: failed("E_TASK_UNKNOWN", 4, { task: id }),
      },
      { args: ["agent", "assign", "9", "TSK-1"], exitCode: 4, shape: nine([]).shape },
      {
        args: ["agent", "assign", "1", "TSK-1"],
        exitCode: 5,
        shape: failed("E_CLAIMED", 5, { task: id, status: text, claimed_by: text, claim: count }),
      },
    ],
  },
};
