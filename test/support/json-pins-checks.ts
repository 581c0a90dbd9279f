import * as v from "valibot";
import { count, failed, ok, path, text, usage, type CommandPins, type Pinned } from "./json-shapes.js";

const id = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]*$/));
const check = { id, scope: text, message: text, severity: v.picklist(["block", "warn", "info"]) };
const judged = v.strictObject({
  ...check,
  files: v.pipe(v.array(text), v.minLength(1)),
  met: v.boolean(),
  verification: v.nullable(v.strictObject({ message: text, verified_by: text })),
});
const run = v.strictObject({ checks: v.array(judged), blocked: v.boolean() });
const changed = v.strictObject({ file: path, check: v.strictObject(check) });
const topic = v.strictObject({ current: v.nullable(id) });
const input = (args: string[]): Pinned => ({ args, exitCode: 2, shape: failed("E_CHECK_INPUT", 2) });
const unknown = (args: string[]): Pinned => ({
  args,
  exitCode: 4,
  shape: failed("E_CHECK_UNKNOWN", 4, { asked: text, checks: v.array(id) }),
});
const extra = (...args: string[]): Pinned => ({ args: [...args, "extra"], ...usage });

/** The commands of checks and topics, in their order: each goes on with what those before it left. */
export const CHECK_PINS: Readonly<Record<string, CommandPins>> = {
  "topic list": {
    success: [
      ok(
        ["topic", "list"],
        v.strictObject({
          topics: v.array(v.strictObject({ id, description: v.string(), open: count, total: count })),
          current: v.nullable(id),
        }),
      ),
    ],
    failure: [extra("topic", "list")],
  },
  "topic use": {
    success: [ok(["topic", "use", "api", "--agent", "1"], topic)],
    failure: [{ args: ["topic", "use", "../x"], ...usage }],
  },
  "topic current": {
    success: [ok(["topic", "current", "--agent", "1"], topic)],
    failure: [extra("topic", "current")],
  },
  "check add": {
    success: [
      ok(["check", "add", "docs/**", "-m", "Spelling?", "-s", "warn"], changed),
      ok(["check", "add", "*.sql", "-m", "Is there a way back?"], changed),
    ],
    failure: [input(["check", "add", "/etc", "-m", "x"])],
  },
  "check list": {
    success: [
      ok(
        ["check", "list"],
        v.strictObject({ checks: v.pipe(v.array(v.strictObject(check)), v.minLength(1)) }),
      ),
    ],
    failure: [extra("check", "list")],
  },
  "check run": {
    success: [ok(["check", "run"], run), ok(["check", "run", "--agent", "1", "--diff-base", "HEAD"], run)],
    failure: [
      { args: ["check", "run", "--ci"], ...usage },
      {
        args: ["check", "run", "--diff-base", "nowhere"],
        exitCode: 2,
        shape: failed("E_NO_COMMIT", 2),
      },
    ],
  },
  "check remove": {
    success: [ok(["check", "remove", "sql"], changed)],
    failure: [unknown(["check", "remove", "nothing"])],
  },
  verify: {
    success: [
      ok(
        ["verify", "docs", "-m", "so"],
        v.strictObject({
          verification: v.strictObject({
            ...{ check_id: id, message: text, verified_by: text },
            created_at: v.pipe(v.string(), v.isoTimestamp()),
          }),
        }),
      ),
    ],
    failure: [unknown(["verify", "nothing", "-m", "so"])],
  },
  "hook-pre-commit": { success: [ok(["hook-pre-commit"], run)], failure: [extra("hook-pre-commit")] },
  "hook-commit-msg": {
    success: [
      ok(
        ["hook-commit-msg", "--action", "skip"],
        v.strictObject({ trailers: v.array(v.strictObject({ line: text, replaces: v.boolean() })) }),
      ),
    ],
    failure: [{ args: ["hook-commit-msg", "--action", "x"], ...usage }],
  },
  "hook-post-commit": {
    success: [ok(["hook-post-commit"], v.strictObject({}))],
    failure: [extra("hook-post-commit")],
  },
};
