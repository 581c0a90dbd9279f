import * as v from "valibot";
import { count, failed, noEngine, oid, ok, text, usage, type CommandPins } from "./json-shapes.js";

const reason = v.picklist(["passed", "failed", "timeout", "interrupted", "out_of_memory", "not_started"]);
const runAgent = v.pipe(v.string(), v.regex(/^run-[0-9a-f]{6}-\d+$/));
const counts = v.strictObject({
  ...{ passed: count, failed: count, timeout: count, interrupted: count },
  ...{ out_of_memory: count, not_started: count },
});
const time = v.pipe(v.string(), v.isoTimestamp());

const agent = v.strictObject({
  ...{ index: count, name: runAgent, task_id: v.nullable(text), task_title: v.nullable(text) },
  ...{ branch: v.nullable(text), reason, exit_code: v.nullable(count), started_at: v.nullable(time) },
  ...{
    waited_ms: count,
    duration_ms: count,
    commits: v.array(v.strictObject({ oid, subject: text })),
    changed_files: count,
  },
  egress: v.strictObject({ allowed: count, denied: count, failed: count }),
  ...{ peak_memory: v.nullable(count), disk: v.nullable(count), problems: v.array(text) },
  files: v.strictObject({
    ...{ log: v.nullable(text), patch: v.nullable(text), bundle: v.nullable(text) },
    ...{ untracked: v.nullable(text), stashes: v.nullable(text), egress: v.nullable(text) },
  }),
  ...{ trash: v.nullable(text), restore: v.nullable(text) },
});

/** What `devkit run` says of a run at its end. */
export const runData = v.strictObject({
  ...{
    id: v.pipe(v.string(), v.regex(/^[0-9a-f]{6}$/)),
    base: oid,
    command: v.array(text),
    started_at: time,
  },
  ...{
    duration_ms: count,
    jobs: v.nullable(count),
    waited: count,
    passed: v.boolean(),
    counts,
    out: v.nullable(text),
    agents: v.array(agent),
  },
  reaped: v.strictTuple([]),
});

const at = { at: time, run: text };
/** The lines before that. */
export const runEvent = v.variant("event", [
  v.strictObject({ event: v.literal("run_started"), ...at, agents: v.array(runAgent) }),
  v.strictObject({
    ...{ event: v.literal("waiting"), ...at, waiting: count, running: count, agents: count },
    for: v.picklist(["jobs", "memory", "cpus", "pids", "free_memory", "free_disk"]),
    ...{ needed: v.number(), available: v.number() },
  }),
  v.strictObject({
    ...{ event: v.literal("started"), ...at, agent: runAgent, index: count },
    ...{ task_id: v.nullable(text), branch: text },
  }),
  v.strictObject({
    ...{ event: v.literal("line"), ...at, agent: runAgent },
    ...{ stream: v.picklist(["stdout", "stderr"]), text: v.string() },
  }),
  v.strictObject({
    ...{ event: v.literal("ended"), ...at, agent: runAgent, reason },
    ...{ exit_code: v.nullable(count), duration_ms: count },
  }),
  v.strictObject({ event: v.literal("removed"), ...at, agent: runAgent, trash: v.nullable(text) }),
]);

/** A run itself prints events before its document: test/e2e/runs.test.ts has that. */
export const RUN_PINS: Readonly<Record<string, CommandPins>> = {
  run: {
    success: [
      ok(
        ["run", "--reap"],
        v.strictObject({
          ...{ id: v.null(), base: v.null(), command: v.strictTuple([]), started_at: v.null() },
          ...{
            duration_ms: v.literal(0),
            jobs: v.null(),
            waited: v.literal(0),
            passed: v.literal(true),
            counts,
            out: v.null(),
          },
          ...{ agents: v.strictTuple([]), reaped: v.strictTuple([]) },
        }),
      ),
    ],
    failure: [
      { args: ["run"], ...usage },
      { args: ["run", "--agents", "0", "--", "true"], ...usage },
      { args: ["run", "--jobs", "0", "--", "true"], ...usage },
      { args: ["run", "--timeout", "soon", "--", "true"], ...usage },
      { args: ["run", "--agents", "2", "--task", "TSK-1", "--", "true"], ...usage },
      {
        args: ["run", "--task", "TSK-99", "--", "true"],
        exitCode: 4,
        shape: failed("E_TASK_UNKNOWN", 4, { task: v.literal("TSK-99") }),
      },
      noEngine("run", "--", "true"),
    ],
  },
};
