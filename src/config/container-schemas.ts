import path from "node:path";
import * as v from "valibot";
import { formatMountText, parseMountText } from "../domain/overlays/mount-text.js";
import { showValue } from "./show-value.js";
import { accepted, tableOfText } from "./value-schemas.js";

const MAX_PORT = 65_535;

/** An entry of `container.mounts` in its one spelling; whether it may be mounted is judged where the paths are. */
export function mount() {
  const example = 'a mount such as "../data:/data:ro" or "modules:/workspace/node_modules"';
  return v.pipe(
    v.string(({ input }) => `must be ${example}, not ${showValue(input)}`),
    v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
      const parsed = parseMountText(dataset.value);
      if (parsed.ok) return formatMountText(parsed.mount);
      addIssue({ message: `must be ${example}: ${parsed.problem}` });
      return NEVER;
    }),
  );
}

/** One argument of a program: any text. */
export function word() {
  return accepted((text) => !text.includes("\0"), "text without NUL characters");
}

export function containerDirectory() {
  return accepted(
    (text) => text === path.posix.normalize(text) && /^\/\P{Cc}*$/u.test(text),
    'an absolute path inside the agent, such as "/workspace/app"',
  );
}

/** A port, written as a number or as text. */
export function port() {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, string>(({ dataset: { value: input }, addIssue, NEVER }) => {
      const number = typeof input === "string" && /^\d+$/.test(input) ? Number(input) : input;
      if (typeof number === "number" && Number.isInteger(number) && number > 0 && number <= MAX_PORT)
        return String(number);
      addIssue({ message: `must be a port from 1 to ${String(MAX_PORT)}, not ${showValue(input)}` });
      return NEVER;
    }),
  );
}

/** `agent`, or the uid, or uid and gid, that devkit runs as: the only user agents ever have. */
export function isOwnUser(text: string): boolean {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0].map(String);
  return ["agent", uid, `${uid ?? ""}:${gid ?? ""}`].includes(text);
}

/** Arguments of a build. */
export function buildArguments() {
  return tableOfText('{ VARIANT = "bookworm" }', (key, value) => {
    if (!/^[A-Za-z_]\w*$/.test(key)) return [{ part: "key", message: "is not the name of an argument" }];
    return typeof value === "string"
      ? []
      : [{ part: "value", message: `must be text, not ${showValue(value)}` }];
  });
}
