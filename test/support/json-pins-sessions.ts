import * as v from "valibot";
import {
  agentRef,
  count,
  failed,
  noEngine,
  ok,
  path,
  some,
  text,
  usage,
  type CommandPins,
} from "./json-shapes.js";

const opened = {
  session: text,
  windows: some(v.strictObject({ ...agentRef, title: text, opened: v.boolean() })),
  attached: v.literal(false),
};
const overlays = v.array(text);
const broken = (...args: string[]) => ({
  args,
  exitCode: 2,
  shape: failed("E_LAYOUT", 2, {
    problems: some(
      v.strictObject({ file: text, line: count, column: count, message: text, sourceLine: text, hint: text }),
    ),
    excerpt: text,
  }),
});

/** `agent attach`, which stands with the commands of agents. */
export const ATTACH_PINS: Readonly<Record<string, CommandPins>> = {
  "agent attach": { success: [], failure: [{ args: ["agent", "attach", "1"], ...usage }] },
};

/** The commands of tmux; the repository has `layout.yaml`, and `broken.yaml` with a mistake. */
export const SESSION_PINS: Readonly<Record<string, CommandPins>> = {
  "tmux-shells": {
    success: [
      ok(
        ["tmux-shells", "3"],
        v.strictObject({
          ...opened,
          notRunning: some(agentRef.name),
          ssh: some(v.strictObject({ ...agentRef, error: v.nullable(text) })),
        }),
      ),
    ],
    failure: [{ args: ["tmux-shells", "none"], ...usage }, noEngine("tmux-shells")],
  },
  "tmux-sync": {
    success: [ok(["tmux-sync"], v.strictObject({ ...opened, notRunning: v.array(agentRef.name) }))],
    failure: [{ args: ["tmux-sync", "--session", "a:b"], ...usage }],
  },
  "layout apply": {
    success: [ok(["layout", "apply", "layout.yaml"], v.strictObject({ ...opened, started: v.array(text) }))],
    failure: [broken("layout", "apply", "broken.yaml")],
  },
  "layout generate": {
    success: [
      ok(
        ["layout", "generate", "--output", "generated.yaml"],
        v.strictObject({
          ...{ file: v.nullable(path), text },
          agents: some(v.strictObject({ ...agentRef, overlays })),
        }),
      ),
    ],
    failure: [
      {
        args: ["layout", "generate", "--output", "generated.yaml"],
        exitCode: 5,
        shape: failed("E_WORK_IN_THE_WAY", 5),
      },
    ],
  },
  "layout validate": {
    success: [
      ok(
        ["layout", "validate", "layout.yaml"],
        v.strictObject({
          ...{ session: text, count: v.nullable(count), windows: count },
          agents: some(v.strictObject({ ...agentRef, overlays })),
        }),
      ),
    ],
    failure: [broken("layout", "validate", "broken.yaml")],
  },
};
