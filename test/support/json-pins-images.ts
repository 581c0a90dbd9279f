import * as v from "valibot";
import { count, failed, ok, path, some, text, usage, type CommandPins } from "./json-shapes.js";

const id = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/));
const built = { reference: text, id };
const listed = {
  id,
  references: v.array(text),
  kind: text,
  base: v.nullable(text),
  bytes: count,
  created: v.pipe(v.string(), v.isoTimestamp()),
  wanted: v.boolean(),
  users: v.array(v.strictObject({ container: text, agent: v.nullable(text), project: v.nullable(path) })),
};
const judged = v.strictObject({ ...listed, removable: v.boolean(), removed: v.literal(false), reason: text });

/** Images: only looked at, for the engine is everyone's. */
export const IMAGE_PINS: Readonly<Record<string, CommandPins>> = {
  "image build": {
    success: [
      ok(
        ["image", "build"],
        v.strictObject({ ...built, egress: v.strictObject(built), broker: v.strictObject(built) }),
      ),
    ],
    failure: [
      {
        args: ["--config", "no-image.toml", "image", "build"],
        exitCode: 3,
        shape: failed("E_IMAGE_MISSING", 3, { image: text }),
      },
    ],
  },
  "image list": {
    success: [ok(["image", "list"], v.strictObject({ images: some(v.strictObject(listed)) }))],
    failure: [{ args: ["image", "list", "extra"], ...usage }],
  },
  "image prune": {
    success: [ok(["image", "prune"], v.strictObject({ applied: v.literal(false), images: some(judged) }))],
    failure: [
      {
        args: ["image", "prune", "--apply", "nobody/has-this"],
        exitCode: 4,
        shape: failed("E_IMAGE_UNKNOWN", 4, { asked: v.literal("nobody/has-this") }),
      },
    ],
  },
};
