import * as v from "valibot";
import { count, failed, ok, text, usage, type CommandPins, type Pinned } from "./json-shapes.js";

const id = v.pipe(v.string(), v.regex(/^TSK-\d+$/));
const time = v.pipe(v.string(), v.isoTimestamp());
const task = v.strictObject({
  ...{ id, title: text, description: v.nullable(text) },
  status: v.picklist(["backlog", "pending", "in_progress", "done"]),
  priority: v.picklist(["p0", "p1", "p2", "p3"]),
  ...{ created_at: time, started_at: v.nullable(time), completed_at: v.nullable(time) },
  notes: v.array(v.strictObject({ at: time, by: text, text })),
  ...{ blocked_by: v.array(id), waits_for: v.array(id), branch: v.nullable(text) },
  ...{ topics: v.array(text), scope: v.array(text), claimed_by: v.nullable(text) },
  claim: v.nullable(v.strictObject({ number: count, expires_at: v.nullable(time), host: v.nullable(text) })),
  source: v.nullable(text),
});
const one = v.strictObject({ task });
const done = failed("E_TASK_STATE", 5, { task: id, status: text, waits_for: v.array(id) });
const unknown = (args: string[]): Pinned => ({
  args,
  exitCode: 4,
  shape: failed("E_TASK_UNKNOWN", 4, { task: v.nullable(id) }),
});
const noId = (args: string[]): Pinned => ({ args, exitCode: 2, shape: failed("E_TASK_INPUT", 2) });
const claimed = (args: string[]): Pinned => ({
  args,
  exitCode: 5,
  shape: failed("E_CLAIMED", 5, {
    ...{ task: id, status: text, claimed_by: v.nullable(text), claim: v.nullable(count) },
  }),
});
const refused = (args: string[]): Pinned => ({ args, exitCode: 5, shape: done });

/** The commands that begin with `task`, in their order: each goes on with what those before it left. */
export const TASK_PINS: Readonly<Record<string, CommandPins>> = {
  "task add": {
    success: [
      ok(["task", "add", "first", "-p", "p0", "--topic", "api", "--scope", "src/**"], one),
      ok(["task", "add", "second", "--blocked-by", "TSK-1", "--description", "more"], one),
      ok(["task", "add", "third", "--backlog"], one),
    ],
    failure: [
      noId(["task", "add", ""]),
      noId(["task", "add", "x", "--blocked-by", "../x"]),
      unknown(["task", "add", "x", "--blocked-by", "TSK-99"]),
      { args: ["task", "add", "x", "-p", "p9"], ...usage },
    ],
  },
  "task list": {
    success: [
      ok(["task", "list"], v.strictObject({ tasks: v.array(task), total: count, current: v.nullable(id) })),
    ],
    failure: [{ args: ["task", "list", "--status", "open"], ...usage }],
  },
  "task show": {
    success: [ok(["task", "show", "TSK-2"], one)],
    failure: [noId(["task", "show", "a:b"]), unknown(["task", "show", "TSK-99"])],
  },
  "task next": {
    success: [ok(["task", "next"], one), ok(["task", "next", "--start", "--agent", "1"], one)],
    failure: [{ args: ["task", "next", "extra"], ...usage }],
  },
  "task start": {
    success: [ok(["task", "start", "TSK-1", "--agent", "agent-1"], one)],
    failure: [claimed(["task", "start", "TSK-1"]), refused(["task", "start", "TSK-2"])],
  },
  "task claim": {
    success: [ok(["task", "claim", "TSK-1", "--agent", "1", "--claim", "1"], one)],
    failure: [claimed(["task", "claim", "TSK-1", "--agent", "1", "--claim", "7"])],
  },
  "task release": {
    success: [ok(["task", "release", "TSK-1", "--agent", "1"], one)],
    failure: [claimed(["task", "release", "TSK-1", "--agent", "1"])],
  },
  "task done": {
    success: [ok(["task", "done", "TSK-1", "-m", "so"], one)],
    failure: [refused(["task", "done", "TSK-1"]), unknown(["task", "done"])],
  },
  "task block": {
    success: [
      ok(["task", "block", "TSK-2", "--by", "TSK-3"], v.strictObject({ changed: v.boolean(), task })),
    ],
    failure: [
      { args: ["task", "block", "TSK-2"], ...usage },
      {
        args: ["task", "block", "TSK-3", "--by", "TSK-2"],
        exitCode: 2,
        shape: failed("E_TASK_CYCLE", 2, { cycle: v.array(id) }),
      },
    ],
  },
  "task unblock": {
    success: [ok(["task", "unblock", "TSK-2"], v.strictObject({ changed: v.boolean(), task }))],
    failure: [unknown(["task", "unblock", "TSK-2", "--by", "TSK-1"])],
  },
  "task note": {
    success: [ok(["task", "note", "TSK-2", "words"], one)],
    failure: [claimed(["task", "note", "TSK-2", "words", "--claim", "3"])],
  },
  "task remove": {
    success: [ok(["task", "remove", "TSK-3"], v.strictObject({ freed: v.array(id), task }))],
    failure: [unknown(["task", "remove", "TSK-3"])],
  },
  "task current": {
    success: [ok(["task", "current"], v.strictObject({ task: v.null() }))],
    failure: [{ args: ["task", "current", "extra"], ...usage }],
  },
  "task import": {
    success: [
      ok(
        ["task", "import", "TODO.md", "--dry-run"],
        v.strictObject({ dryRun: v.literal(true), created: v.array(task), known: v.array(task) }),
      ),
    ],
    failure: [noId(["task", "import", "broken.toml"]), { args: ["task", "import", "nowhere.md"], ...usage }],
  },
};
