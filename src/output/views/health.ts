import type { DevkitError } from "../../base/errors.js";
import type { Finding } from "../../domain/health/finding.js";
import type { Paint } from "../paint.js";

/** What was, or would be, done about what. */
export interface ShownRepair {
  readonly check: string;
  readonly action: string;
  readonly reasons: readonly string[];
  readonly done: boolean;
  readonly error: DevkitError | undefined;
}

const WIDTH = 14;
const MORE = " ".repeat(WIDTH + 3);

/** What doctor has done, and then all that it found. */
export function findingsText(
  findings: readonly Finding[],
  repaired: readonly ShownRepair[],
  paint: Paint,
): string {
  const done = repaired.length === 0 ? [] : [...repairText(repaired, true), ""];
  const text = findings.map((finding) => findingText(finding, paint));
  const mendable = repaired.length === 0 && findings.some(({ repair }) => repair !== undefined);
  const hint = mendable ? ["", "What devkit can mend by itself: devkit doctor --fix"] : [];
  return [...done, ...text, ...hint].join("\n");
}

function findingText({ check, verdict, found, why, fix }: Finding, paint: Paint): string {
  const mark = { ok: paint("green", "✓"), warning: paint("yellow", "!"), failed: paint("red", "✗") }[verdict];
  const line = `${mark} ${check.padEnd(WIDTH)} ${found}`;
  if (verdict === "ok") return line;
  const more = [`why: ${why}`, ...(fix === undefined ? [] : [`fix: ${fix}`])];
  return [line, ...more.map((text) => `${MORE}${text}`)].join("\n");
}

/** One line for each action, and below it why. */
export function repairText(actions: readonly ShownRepair[], applied: boolean): string[] {
  if (actions.length === 0) return ["Nothing to repair."];
  const lines = actions.flatMap(({ check, action, reasons, done, error }) => {
    const verb = error !== undefined ? "failed" : done ? "done" : "would";
    return [
      `${verb.padEnd(WIDTH)} ${action} (${check})`,
      ...reasons.map((reason) => `${MORE}because: ${reason}`),
      ...(error === undefined ? [] : [`${MORE}${error.message}`]),
      ...(error?.hint === undefined ? [] : [`${MORE}hint: ${error.hint}`]),
    ];
  });
  return applied ? lines : [...lines, "", "To do it: devkit repair --apply"];
}

/** What only the user can mend. */
export function leftText(left: readonly Pick<Finding, "check" | "found" | "fix">[]): string[] {
  if (left.length === 0) return [];
  const lines = left.map(({ check, found, fix }) => {
    const line = `${check.padEnd(WIDTH)} ${found}`;
    return fix === undefined ? line : `${line}\n${MORE}fix: ${fix}`;
  });
  return ["", "Left to you:", ...lines];
}

/** For `--json`. */
export function repairData({ error, ...action }: ShownRepair) {
  if (error === undefined) return { ...action, error: null };
  const { code, message, hint } = error;
  return { ...action, error: { code, message, hint: hint ?? null } };
}
