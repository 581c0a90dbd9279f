import * as v from "valibot";
import { agentRef, count, oid, path, some, text } from "./json-primitives.js";

/** What `agent diff`, `merge` and `conflicts` answer. */
const changedFile = v.strictObject({
  ...{ path: text, oldPath: v.nullable(text), added: v.nullable(count), deleted: v.nullable(count) },
  status: v.picklist(["added", "modified", "deleted", "renamed", "copied", "typechanged"]),
});
const commits = v.array(v.strictObject({ oid, subject: v.string() }));
export const diff = v.strictObject({
  ...{ ...agentRef, branch: v.nullable(text), base: v.nullable(oid), head: v.nullable(oid) },
  ...{ commits: some(v.strictObject({ oid, subject: text })), files: some(changedFile) },
  ...{ uncommitted: v.array(text), untracked: v.array(text) },
});
export const mergeData = (kind: "fast-forward" | "none", dryRun: boolean) =>
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
export const verdict = v.picklist(["clean", "conflict", "unrelated"]);
export const conflict = v.strictObject({ path: text, kinds: v.array(text) });
