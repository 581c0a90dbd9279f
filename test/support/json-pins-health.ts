import * as v from "valibot";
import { count, nine, ok, some, text, usage, type CommandPins } from "./json-shapes.js";

const finding = v.strictObject({
  ...{ check: text, verdict: v.picklist(["ok", "warning", "failed"]), found: text, why: text },
  ...{ fix: v.nullable(text), repair: v.nullable(text) },
});
const action = v.strictObject({
  ...{ check: text, action: text, reasons: some(text), done: v.boolean() },
  error: v.nullable(v.strictObject({ code: text, message: text, hint: v.nullable(text) })),
});
const doctorData = (healthy: boolean) =>
  v.strictObject({ healthy: v.literal(healthy), findings: some(finding), repaired: v.array(action) });
const repairData = (applied: boolean) =>
  v.strictObject({
    ...{ applied: v.literal(applied), actions: v.array(action) },
    left: v.array(v.strictObject({ check: text, found: text, fix: v.nullable(text) })),
  });

const pruneData = v.strictObject({
  applied: v.literal(false),
  items: v.array(
    v.strictObject({
      ...{ kind: v.picklist(["trash", "worktree", "image", "cache", "log"]), what: text },
      ...{ bytes: v.nullable(count), complete: v.boolean(), reason: text },
      ...{ removed: v.literal(false), error: v.null() },
    }),
  ),
  ...{ bytes: count, complete: v.boolean(), problems: v.strictTuple([]) },
});

/** What devkit says of itself and its machine. */
export const HEALTH_PINS: Readonly<Record<string, CommandPins>> = {
  doctor: {
    success: [
      ok(["doctor"], doctorData(true)),
      { args: ["doctor"], env: { DOCKER_HOST: "unix:///nowhere" }, exitCode: 1, shape: doctorData(false) },
    ],
    failure: [nine(["doctor", "--agent"]), { args: ["doctor", "extra"], ...usage }],
  },
  repair: {
    success: [ok(["repair"], repairData(false))],
    failure: [{ args: ["repair", "extra"], ...usage }],
  },
  prune: {
    success: [ok(["prune"], pruneData), ok(["prune", "trash", "log"], pruneData)],
    failure: [
      { args: ["prune", "everything"], ...usage },
      { args: ["prune", "--all"], ...usage },
    ],
  },
  completion: {
    success: [ok(["completion", "zsh"], v.strictObject({ shell: v.literal("zsh"), script: text }))],
    failure: [{ args: ["completion", "tcsh"], ...usage }],
  },
  version: {
    success: [ok(["version"], v.strictObject({ devkit: text, node: text, git: text }))],
    failure: [{ args: ["version", "extra"], ...usage }],
  },
};
