import * as v from "valibot";
import { count, ok, text, usage, type CommandPins } from "./json-shapes.js";

const cache = {
  ...{ tool: text, place: v.picklist(["shared", "base", "own"]), agent: v.nullable(text) },
  ...{ bytes: count, files: count, complete: v.boolean(), lastUsed: v.nullable(text) },
  users: v.array(v.strictObject({ project: text, agent: text, running: v.boolean() })),
};
const pruned = (applied: boolean) =>
  v.strictObject({
    applied: v.literal(applied),
    caches: v.array(v.strictObject({ ...cache, removable: v.boolean(), removed: v.boolean(), reason: text })),
    strays: v.strictObject({ count, removed: v.boolean() }),
    oldBases: v.strictObject({ count, removable: v.boolean(), removed: v.boolean() }),
  });
const adopted = v.strictObject({
  ...{ applied: v.literal(false), index: v.literal(1), name: v.literal("agent-1") },
  tools: v.array(v.strictObject({ tool: text, files: count, bytes: count, leftOut: count })),
});

/** The commands that begin with `cache`. */
export const CACHE_PINS: Readonly<Record<string, CommandPins>> = {
  "cache list": {
    success: [ok(["cache", "list"], v.strictObject({ caches: v.array(v.strictObject(cache)) }))],
    failure: [{ args: ["cache", "list", "extra"], ...usage }],
  },
  "cache prune": {
    success: [ok(["cache", "prune", "--tool", "ivy"], pruned(false))],
    failure: [{ args: ["cache", "prune", "--tool", "apt"], ...usage }],
  },
  "cache adopt": {
    success: [ok(["cache", "adopt", "1"], adopted)],
    failure: [{ args: ["cache", "adopt"], ...usage }],
  },
};
