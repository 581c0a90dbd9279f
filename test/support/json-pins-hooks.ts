import * as v from "valibot";
import { agentRef, count, failed, nine, ok, some, text, usage, type CommandPins } from "./json-shapes.js";

const time = v.pipe(v.string(), v.isoTimestamp());

export const hookState = v.strictObject({
  hook: v.picklist(["on_create", "warm", "on_start", "maintain"]),
  state: v.picklist(["due", "unfinished", "done", "failed", "never"]),
  commands: some(text),
  began: v.nullable(time),
  ended: v.nullable(time),
  exitCode: v.nullable(count),
});
const origin = v.pipe(v.string(), v.regex(/^hooks\.toml:\d+:\d+$/));
const written = v.strictObject({ hook: text, command: text, origin });
const listed = v.strictObject({ ...agentRef, hooks: some(hookState) });
const trustData = (trusted: boolean, commands: v.GenericSchema) =>
  v.strictObject({
    commands,
    ...{ reaches: v.strictTuple([]), programs: v.strictTuple([]) },
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    trusted: v.literal(trusted),
    revoked: count,
  });
const asked = some(v.strictObject({ command: text, origin }));
const HOOKS = ["--config", "hooks.toml"];

/** `hooks.toml` has a host hook and `maintain`. */
export const HOOK_PINS: Readonly<Record<string, CommandPins>> = {
  "hook list": {
    success: [
      ok(
        [...HOOKS, "hook", "list"],
        v.strictObject({ commands: some(written), trusted: v.literal(false), agents: some(listed) }),
      ),
    ],
    failure: [{ args: ["hook", "list", "extra"], ...usage }],
  },
  "hook run": {
    success: [
      ok(
        [...HOOKS, "hook", "run", "maintain", "1"],
        v.strictObject({ hook: v.literal("maintain"), agents: some(v.strictObject(agentRef)) }),
      ),
    ],
    failure: [{ args: ["hook", "run", "warm", "1"], ...usage }, nine([...HOOKS, "hook", "run", "maintain"])],
  },
  trust: {
    success: [
      ok([...HOOKS, "trust", "--yes"], trustData(true, asked)),
      ok([...HOOKS, "trust", "--revoke"], trustData(false, asked)),
      ok(["trust"], trustData(true, v.strictTuple([]))),
    ],
    failure: [
      {
        args: [...HOOKS, "trust"],
        exitCode: 5,
        shape: failed("E_UNTRUSTED", 5, {
          ...{ commands: asked, reaches: v.strictTuple([]), programs: v.strictTuple([]) },
        }),
      },
    ],
  },
};
