import * as v from "valibot";
import {
  agentRef,
  count,
  failed,
  nine,
  noEngine,
  oid,
  ok,
  path,
  some,
  text,
  usage,
  type CommandPins,
} from "./json-shapes.js";
import { activity } from "./json-pins-activity.js";
import { CHECK_PINS } from "./json-pins-checks.js";
import { CACHE_PINS } from "./json-pins-caches.js";
import { EGRESS_PINS } from "./json-pins-egress.js";
import { hookState, HOOK_PINS } from "./json-pins-hooks.js";
import { HEALTH_PINS } from "./json-pins-health.js";
import { HOME_PINS, homeSize, restoreData, trashed } from "./json-pins-homes.js";
import { IMAGE_PINS } from "./json-pins-images.js";
import { LOGIN_PINS } from "./json-pins-logins.js";
import { OVERLAY_PINS } from "./json-pins-overlays.js";
import { PUSH_PINS, SIGNER_PINS } from "./json-pins-push.js";
import { RUN_PINS } from "./json-pins-runs.js";
import { ATTACH_PINS, SESSION_PINS } from "./json-pins-sessions.js";
import { SETTINGS_PINS } from "./json-pins-settings.js";
import { SSH_PINS } from "./json-pins-ssh.js";
import { TOOL_PINS } from "./json-pins-tools.js";
import { TASK_PINS } from "./json-pins-tasks.js";
import { ASSIGN_PINS, killData, primaryTask, SPAWN_PINS, workload } from "./json-pins-spawn.js";
import { WORKTREE_PINS } from "./json-pins-worktrees.js";

export type { Pinned } from "./json-shapes.js";
import { MERGE_PINS } from "./json-merging.js";

const operation = v.strictObject({ agent: agentRef.name, kind: text, cause: text, after: v.array(text) });
const upData = (dryRun: boolean, operations: v.GenericSchema) =>
  v.strictObject({
    dryRun: v.literal(dryRun),
    expires: v.null(),
    imageCause: v.nullable(text),
    egressCause: v.nullable(text),
    hostHooks: v.array(text),
    agents: some(v.strictObject({ ...agentRef, worktree: path, changed: v.boolean() })),
    operations,
  });
const downData = (dryRun: boolean) =>
  v.strictObject({
    dryRun: v.literal(dryRun),
    agents: some(v.strictObject({ ...agentRef, changed: v.boolean() })),
    operations: some(operation),
  });
const publishedPort = v.strictObject({
  inside: count,
  address: v.pipe(v.string(), v.regex(/^127\.0\.0\.1:\d+$/)),
  state: v.picklist(["open", "taken", "closed"]),
});
const row = {
  ...agentRef,
  state: v.picklist(["running", "exited"]),
  runtime: v.literal("container"),
  branch: v.nullable(text),
  worktree: path,
  sync: v.picklist(["current", "updated", "diverged", "refused", "failed"]),
  ports: v.array(publishedPort),
  ...homeSize,
  outOfMemory: v.nullable(
    v.strictObject({ kills: v.nullable(count), last: v.nullable(text), limit: v.nullable(count) }),
  ),
  activity,
  ...workload,
};
const size = v.strictObject({ bytes: count, complete: v.boolean() });
const takes = v.strictObject({
  ...{ memory: v.nullable(count), memoryLimit: count, peakMemory: v.nullable(count) },
  ...{ cpus: v.nullable(v.pipe(v.number(), v.minValue(0))), layer: count, disk: size },
  ...{ worktree: size, home: size, git: size, caches: v.nullable(size), volumes: v.nullable(size) },
});
const status = v.strictObject({
  ...row,
  container: v.strictObject({ id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), name: text, status: text }),
  home: path,
  hooks: v.array(hookState),
  egress: v.nullable(v.literal("running")),
  endpoint: v.nullable(v.literal("running")),
  changed: count,
  untracked: count,
  changedSubmodules: v.array(text),
  pending: v.array(operation),
});
export const logLine = v.strictObject({
  agent: agentRef.name,
  time: v.pipe(v.string(), v.isoTimestamp()),
  text,
});
const ran = {
  ...agentRef,
  exitCode: count,
  stdout: v.string(),
  stderr: v.string(),
  truncated: v.literal(false),
};
const file = v.strictObject({ file: path, created: v.literal(false), hooks: v.null() });
const atRisk = {
  agents: some(v.strictObject({ agent: agentRef.name, work: some(text) })),
  recovery: some(text),
};
const failedAgents = { failed: some(v.strictObject({ agent: agentRef.name, code: text, message: text })) };
const costs = { newAgents: count, diskBytes: count, memoryBytes: count, seconds: count };

/**
 * By command. The repository has a devkit.toml with `memory`, agents 1 to 3 of which the third is stopped, and beside
 * it `broken.toml` with a mistake and `no-image.toml` that names an image nobody has.
 */
export const JSON_PINS: Readonly<Record<string, CommandPins>> = {
  init: {
    success: [ok(["init"], file)],
    failure: [{ args: ["-C", "/", "init"], exitCode: 2, shape: failed("E_NOT_A_REPOSITORY", 2) }],
  },
  "agent up": {
    success: [
      ok(["agent", "up", "2"], upData(false, v.strictTuple([]))),
      ok(["agent", "up", "4", "--dry-run"], upData(true, some(operation))),
    ],
    failure: [
      { args: ["agent", "up", "0"], ...usage },
      { args: ["agent", "up", "1000"], exitCode: 5, shape: failed("E_TOO_MANY", 5, costs) },
    ],
  },
  ...SPAWN_PINS,
  "agent list": {
    success: [
      ok(["agent", "list"], v.strictObject({ agents: some(v.strictObject(row)) })),
      ok(
        ["agent", "list", "--usage"],
        v.strictObject({ agents: some(v.strictObject({ ...row, usage: takes })), reclaimable: size }),
      ),
    ],
    failure: [noEngine("agent", "list"), { args: ["agent", "list", "--usage", "--watch"], ...usage }],
  },
  "agent status": {
    success: [ok(["agent", "status"], v.strictObject({ ...primaryTask, agents: some(status) }))],
    failure: [nine(["agent", "status"])],
  },
  ...ASSIGN_PINS,
  "agent down": {
    success: [
      ok(["agent", "down", "2", "--dry-run"], downData(true)),
      ok(["agent", "down", "2"], downData(false)),
    ],
    failure: [nine(["agent", "down"])],
  },
  ...ATTACH_PINS,
  "agent logs": {
    success: [ok(["agent", "logs"], v.strictObject({ lines: some(logLine) }))],
    failure: [nine(["agent", "logs"]), nine(["agent", "logs", "--follow"])],
  },
  "agent sync": {
    success: [
      ok(
        ["agent", "sync", "1"],
        v.strictObject({
          agents: some(
            v.strictObject({
              ...agentRef,
              updated: some(
                v.strictObject({ ref: text, from: v.nullable(oid), to: oid, keptAs: v.nullable(text) }),
              ),
              given: v.array(v.strictObject({ ref: text, from: oid, to: oid })),
            }),
          ),
        }),
      ),
    ],
    failure: [nine(["agent", "sync"])],
  },
  "agent reset": {
    success: [
      ok(
        ["agent", "reset", "2"],
        v.strictObject({
          agents: some(
            v.strictObject({ ...agentRef, ref: text, from: v.nullable(oid), to: oid, kept: some(text) }),
          ),
        }),
      ),
    ],
    failure: [nine(["agent", "reset"])],
  },
  "agent kill": {
    success: [ok(["agent", "kill", "4"], killData)],
    failure: [
      nine(["agent", "kill"]),
      { args: ["agent", "kill", "1"], exitCode: 5, shape: failed("E_WORK_AT_RISK", 5, atRisk) },
    ],
  },
  "agent restore": {
    success: [
      ok(["agent", "restore"], restoreData(v.null())),
      ok(["agent", "restore", "4"], restoreData(v.strictObject(trashed))),
    ],
    failure: [
      {
        args: ["agent", "restore", "9"],
        exitCode: 4,
        shape: failed("E_TRASH_UNKNOWN", 4, { asked: v.literal("9"), trash: v.array(text) }),
      },
    ],
  },
  ...HOME_PINS,
  ...MERGE_PINS,
  ...SIGNER_PINS,
  exec: {
    success: [
      ok(["exec", "1", "true"], v.strictObject({ ...ran, exitCode: v.literal(0) })),
      { args: ["exec", "1", "--", "sh", "-c", "exit 9"], exitCode: 9, shape: v.strictObject(ran) },
    ],
    failure: [
      {
        args: ["exec", "3", "true"],
        exitCode: 125,
        shape: failed("E_AGENT_NOT_RUNNING", 125, {
          agent: v.literal("agent-3"),
          state: v.literal("exited"),
        }),
      },
      { args: ["exec", "1"], ...usage },
    ],
  },
  "exec-cd": {
    success: [
      ok(["exec-cd", "1", "src", "pwd"], v.strictObject({ ...ran, stdout: v.literal("/workspace/src\n") })),
    ],
    failure: [
      {
        args: ["exec-cd", "1", "nowhere", "pwd"],
        exitCode: 4,
        shape: failed("E_PATH_NOT_FOUND", 4, {
          agent: v.literal("agent-1"),
          path: v.literal("/workspace/nowhere"),
        }),
      },
    ],
  },
  shell: { success: [], failure: [{ args: ["shell", "1"], ...usage }] },
  "attach-cd": { success: [], failure: [{ args: ["attach-cd", "1", "src"], ...usage }] },
  ...RUN_PINS,
  ...TASK_PINS,
  ...SESSION_PINS,
  ...CHECK_PINS,
  ...WORKTREE_PINS,
  ...EGRESS_PINS,
  ...SSH_PINS,
  ...PUSH_PINS,
  ...LOGIN_PINS,
  ...TOOL_PINS,
  "port list": {
    success: [
      ok(
        ["port", "list"],
        v.strictObject({
          agents: some(
            v.strictObject({
              ...agentRef,
              ports: v.pipe(v.string(), v.regex(/^\d+-\d+$/)),
              published: some(publishedPort),
            }),
          ),
        }),
      ),
    ],
    failure: [nine(["port", "list"])],
  },
  ...CACHE_PINS,
  ...SETTINGS_PINS,
  ...OVERLAY_PINS,
  ...IMAGE_PINS,
  ...HOOK_PINS,
  ...HEALTH_PINS,
};

/** What `agent sync` answers when one agent of several, or the only one asked for, has diverged. */
export const DIVERGED = {
  one: failed("E_DIVERGED", 5, failedAgents),
  some: failed("E_SOME_FAILED", 6, failedAgents),
};
