import * as v from "valibot";
import { count, failed, ok, path, some, text, usage, type CommandPins } from "./json-shapes.js";

const listed = v.strictObject({
  name: text,
  from: v.picklist(["repository", "user", "shipped"]),
  directory: path,
  description: v.nullable(text),
  agent: v.nullable(count),
  extends: v.array(text),
  inForce: v.boolean(),
  problem: v.null(),
});
const place = {
  source: v.literal("overlay"),
  overlay: v.literal("small"),
  file: path,
  line: count,
  column: count,
};
const setting = v.strictObject({ key: text, value: v.unknown(), origin: v.strictObject(place) });
const unknown = failed("E_OVERLAY_UNKNOWN", 2, { overlay: v.literal("nosuch"), known: some(text) });
const created = (agent: v.GenericSchema) => v.strictObject({ name: text, file: path, agent });

/** The commands of overlays, in the repository that `json-pins.ts` describes. */
export const OVERLAY_PINS: Readonly<Record<string, CommandPins>> = {
  "overlay list": {
    success: [ok(["overlay", "list"], v.strictObject({ overlays: some(listed) }))],
    failure: [{ args: ["overlay", "list", "small"], ...usage }],
  },
  "overlay show": {
    success: [
      ok(
        ["overlay", "show", "small"],
        v.strictObject({
          name: v.literal("small"),
          directory: path,
          description: text,
          agent: v.null(),
          extends: v.strictTuple([]),
          files: some(path),
          settings: some(setting),
        }),
      ),
    ],
    failure: [{ args: ["overlay", "show", "nosuch"], exitCode: 2, shape: unknown }],
  },
  "overlay create": {
    success: [
      ok(["overlay", "create", "tools"], created(v.null())),
      ok(["overlay", "create", "--agent", "7"], created(v.literal(7))),
    ],
    failure: [
      {
        args: ["overlay", "create", "tools"],
        exitCode: 5,
        shape: failed("E_WORK_IN_THE_WAY", 5, { file: path }),
      },
      { args: ["overlay", "create"], ...usage },
    ],
  },
};
