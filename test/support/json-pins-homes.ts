import * as v from "valibot";
import { agentRef, count, nine, ok, path, text, type CommandPins } from "./json-shapes.js";

/** What every row of agents says of its home. */
export const homeSize = { homeBytes: v.nullable(count), homeComplete: v.boolean() };

const mode = v.pipe(v.string(), v.regex(/^[0-7]{3}$/));
const counted = v.strictObject({ count, complete: v.boolean() });
const login = v.strictObject({ present: v.boolean(), mode: v.nullable(mode) });
/** A home in the trash whose agent went on. */
const keptHome = {
  id: v.pipe(v.string(), v.regex(/^agent-\d+-\d{8}T\d{6}Z$/)),
  ...agentRef,
  removed: v.pipe(v.string(), v.isoTimestamp()),
  expires: v.pipe(v.string(), v.isoTimestamp()),
  restore: v.pipe(v.string(), v.startsWith("devkit agent restore agent-")),
};

/** An agent in the trash. */
export const trashed = {
  id: v.pipe(v.string(), v.regex(/^agent-\d+-\d{8}T\d{6}Z$/)),
  ...agentRef,
  removed: v.pipe(v.string(), v.isoTimestamp()),
  expires: v.pipe(v.string(), v.isoTimestamp()),
  refs: v.pipe(v.string(), v.startsWith("refs/devkit/trash/agent-")),
  keepsFiles: v.boolean(),
  work: v.array(text),
  restore: v.pipe(v.string(), v.startsWith("devkit agent restore agent-")),
};

/** What `agent restore` answers. */
export const restoreData = (restored: v.GenericSchema) =>
  v.strictObject({
    restored,
    trash: v.array(v.strictObject({ ...trashed, bytes: count })),
    restoredHome: v.null(),
    homes: v.array(v.strictObject({ ...keptHome, bytes: count })),
  });

const shown = v.strictObject({
  ...agentRef,
  home: path,
  bytes: count,
  complete: v.literal(true),
  entries: v.array(v.strictObject({ name: text, bytes: count })),
  loose: v.array(v.strictObject({ path: text, mode, widest: mode })),
  logins: v.strictObject({ codex: login, claude: login }),
  keys: v.array(
    v.strictObject({
      file: text,
      mode,
      type: v.nullable(text),
      fingerprint: v.nullable(text),
      comment: v.nullable(v.string()),
      private: v.boolean(),
      encrypted: v.nullable(v.boolean()),
    }),
  ),
  codexSessions: counted,
  claudeProjects: counted,
});

/** The commands that begin with `agent home`. */
export const HOME_PINS: Readonly<Record<string, CommandPins>> = {
  "agent home show": {
    success: [ok(["agent", "home", "show", "1"], shown)],
    failure: [nine(["agent", "home", "show"])],
  },
  "agent home reset": {
    success: [
      // The one that is down.
      ok(
        ["agent", "home", "reset", "3", "--keep-auth"],
        v.strictObject({
          ...agentRef,
          kept: v.array(text),
          left: v.array(v.strictObject({ path: text, reason: text })),
          old: v.strictObject(keptHome),
          started: v.literal(false),
        }),
      ),
    ],
    failure: [nine(["agent", "home", "reset"])],
  },
};
