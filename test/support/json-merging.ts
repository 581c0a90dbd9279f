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

/** What `agent diff`, `merge` and `conflicts` answer. */
const changedFile = v.strictObject({
  ...{ path: text, oldPath: v.nullable(text), added: v.nullable(count), deleted: v.nullable(count) },
  status: v.picklist(["added", "modified", "deleted", "renamed", "copied", "typechanged"]),
});
const commits = v.array(v.strictObject({ oid, subject: v.string() }));
const diff = v.strictObject({
  ...{ ...agentRef, branch: v.nullable(text), base: v.nullable(oid), head: v.nullable(oid) },
  ...{ commits: some(v.strictObject({ oid, subject: text })), files: some(changedFile) },
  ...{ uncommitted: v.array(text), untracked: v.array(text) },
});
const mergeData = (kind: "fast-forward" | "none", dryRun: boolean) =>
  v.strictObject({
    ...{ ...agentRef, branch: text, into: v.literal("main"), worktree: path, kind: v.literal(kind) },
    ...{
      from: oid,
      to: oid,
      commits,
      dropped: count,
      files: v.array(changedFile),
      dryRun: v.literal(dryRun),
    },
  });
const verdict = v.picklist(["clean", "conflict", "unrelated"]);
const conflict = v.strictObject({ path: text, kinds: v.array(text) });

export const MERGE_PINS: Readonly<Record<string, CommandPins>> = {
  "agent diff": {
    success: [ok(["agent", "diff", "1"], v.strictObject({ agents: some(diff) }))],
    failure: [nine(["agent", "diff"])],
  },
  "agent merge": {
    success: [
      ok(["agent", "merge", "1", "--dry-run"], mergeData("fast-forward", true)),
      ok(["agent", "merge", "1"], mergeData("fast-forward", false)),
      ok(["agent", "merge", "1"], mergeData("none", false)),
    ],
    failure: [
      nine(["agent", "merge"]),
      { args: ["agent", "merge", "1", "--squash", "--rebase"], ...usage },
      {
        args: ["agent", "merge", "1", "--into", "nosuch"],
        exitCode: 4,
        shape: failed("E_BRANCH_UNKNOWN", 4, { branch: v.literal("nosuch") }),
      },
    ],
  },
  "agent conflicts": {
    success: [
      ok(
        ["agent", "conflicts"],
        v.strictObject({
          base: v.strictObject({ name: text, oid }),
          agents: some(v.strictObject({ ...agentRef, branch: text, oid, uncommitted: count })),
          pairs: some(v.strictObject({ one: text, other: text, verdict, files: v.array(conflict) })),
        }),
      ),
    ],
    failure: [
      { args: ["agent", "conflicts", "--base", "nosuch"], exitCode: 2, shape: failed("E_NO_COMMIT", 2) },
    ],
  },
};
