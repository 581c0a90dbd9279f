import * as v from "valibot";
import {
  agentRef,
  count,
  failed,
  nine,
  oid,
  ok,
  path,
  some,
  text,
  usage,
  type CommandPins,
} from "./json-shapes.js";

const worktree = {
  ...{ ...agentRef, path, branch: v.nullable(text), head: v.nullable(oid) },
  state: v.picklist(["ready", "missing", "unlinked", "unfinished", "unregistered"]),
  ...{ agent: v.boolean(), locked: v.nullable(v.string()) },
};
const distance = { ahead: count, behind: count };
const worktrees = (entries: v.ObjectEntries, more: v.ObjectEntries = {}) =>
  v.strictObject({ ...more, worktrees: some(v.strictObject(entries)) });
const worktreeStatus = {
  ...{ ...worktree, changed: v.nullable(count), untracked: v.nullable(count), unfinished: v.nullable(text) },
  base: v.nullable(v.strictObject(distance)),
  upstream: v.nullable(v.strictObject({ ref: text, ...distance })),
  commit: v.nullable(v.strictObject({ oid, time: text, subject: v.string() })),
};
const initialized = {
  ...{ ...agentRef, path, branch: v.nullable(text), agent: v.boolean(), changed: v.boolean() },
  steps: v.array(v.strictObject({ kind: text, cause: text })),
};
const synced = {
  ...{ ...agentRef, path, branch: v.nullable(text), note: v.nullable(text) },
  result: v.picklist(["moved", "pushed", "current", "left"]),
  ...{ from: v.nullable(oid), to: v.nullable(oid) },
};
const judged = {
  ...{ ...agentRef, path, branch: v.nullable(text), removable: v.boolean(), removed: v.boolean() },
  reasons: some(v.strictObject({ reason: text, text })),
  ...{ trash: v.nullable(text), restore: v.nullable(text) },
};
/** The commands that begin with `worktrees`, in the repository that `json-pins.ts` describes. */
export const WORKTREE_PINS: Readonly<Record<string, CommandPins>> = {
  "worktrees init": {
    success: [
      ok(["worktrees", "init", "3"], worktrees(initialized, { dryRun: v.literal(false) })),
      ok(["worktrees", "init", "4", "--dry-run"], worktrees(initialized, { dryRun: v.literal(true) })),
    ],
    failure: [
      { args: ["worktrees", "init", "none"], ...usage },
      { args: ["worktrees", "init", "4", "--branch-prefix", "agent/"], ...usage },
      {
        args: ["worktrees", "init", "1000"],
        exitCode: 5,
        shape: failed("E_TOO_MANY", 5, { newWorktrees: count, diskBytes: count }),
      },
    ],
  },
  "worktrees list": {
    success: [ok(["worktrees", "list"], worktrees(worktree))],
    failure: [{ args: ["worktrees", "list", "extra"], ...usage }],
  },
  "worktrees status": {
    success: [ok(["worktrees", "status", "1"], worktrees(worktreeStatus))],
    failure: [nine(["worktrees", "status"])],
  },
  "worktrees sync": {
    success: [ok(["worktrees", "sync", "--pull"], worktrees(synced))],
    failure: [
      { args: ["worktrees", "sync"], ...usage },
      { args: ["worktrees", "sync", "--push"], exitCode: 4, shape: failed("E_NO_REMOTE", 4) },
    ],
  },
  "worktrees prune": {
    success: [ok(["worktrees", "prune"], worktrees(judged, { applied: v.literal(false) }))],
    failure: [{ args: ["worktrees", "prune", "--aply"], ...usage }],
  },
};
