import * as v from "valibot";
import { ok, some, text, usage, type CommandPins } from "./json-shapes.js";

const finding = v.strictObject({
  ...{ check: text, verdict: v.picklist(["ok", "warning", "failed"]), found: text, why: text },
  fix: v.nullable(text),
});
const doctorData = (healthy: boolean) =>
  v.strictObject({ healthy: v.literal(healthy), findings: some(finding) });

/** What devkit says of itself and its machine. */
export const HEALTH_PINS: Readonly<Record<string, CommandPins>> = {
  doctor: {
    success: [
      ok(["doctor"], doctorData(true)),
      { args: ["doctor"], env: { DOCKER_HOST: "unix:///nowhere" }, exitCode: 1, shape: doctorData(false) },
    ],
    failure: [{ args: ["doctor", "extra"], ...usage }],
  },
  completion: {
    success: [ok(["completion", "zsh"], v.strictObject({ shell: v.literal("zsh"), script: text }))],
    failure: [{ args: ["completion", "tcsh"], ...usage }],
  },
  version: {
    success: [ok(["version"], v.strictObject({ devkit: text, node: text, git: text }))],
    failure: [{ args: ["version", "extra"], ...usage }],
  },
};
