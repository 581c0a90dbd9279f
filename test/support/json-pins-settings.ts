import * as v from "valibot";
import { passEnv } from "./json-pins-logins.js";
import { count, failed, ok, path, some, text, type CommandPins } from "./json-shapes.js";

const place = { file: v.literal("devkit.toml"), line: count, column: count };
const entry = v.strictObject({
  value: text,
  origin: v.strictObject({ source: v.literal("file"), ...place }),
});
const origin = v.variant("source", [
  v.strictObject({ source: v.literal("default") }),
  v.strictObject({ source: v.literal("file"), ...place, entries: v.exactOptional(some(entry)) }),
  v.strictObject({
    source: v.literal("overlay"),
    file: path,
    line: count,
    column: count,
    overlay: v.literal("small"),
  }),
]);
const setting = v.strictObject({ key: text, value: v.unknown(), origin });
const shown = (agent: v.GenericSchema) =>
  v.strictObject({ agent, files: some(path), settings: some(setting), passEnv });
const problem = v.strictObject({
  file: text,
  line: count,
  column: count,
  message: text,
  hint: text,
  sourceLine: text,
});

/** What the commands about settings print under `--json`. */
export const SETTINGS_PINS: Readonly<Record<string, CommandPins>> = {
  "config show": {
    success: [
      ok(["-p", "small", "config", "show"], shown(v.null())),
      ok(["config", "show", "--agent", "2"], shown(v.literal(2))),
    ],
    failure: [
      {
        args: ["--config", "broken.toml", "config", "show"],
        exitCode: 2,
        shape: failed("E_CONFIG", 2, { problems: some(problem), excerpt: text }),
      },
    ],
  },
  "config check": {
    success: [ok(["config", "check"], v.strictObject({ files: some(path) }))],
    failure: [
      {
        args: ["-p", "nosuch", "config", "check"],
        exitCode: 2,
        shape: failed("E_OVERLAY_UNKNOWN", 2, { overlay: v.literal("nosuch"), known: some(text) }),
      },
    ],
  },
};
