import * as v from "valibot";
import { count, text } from "./json-shapes.js";

/** What an agent is at. */
export const activity = v.strictObject({
  state: v.picklist(["working", "waiting", "idle", "exited", "out-of-memory", "stopped", "unknown"]),
  since: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
  detail: v.nullable(text),
  exitCode: v.nullable(count),
});
