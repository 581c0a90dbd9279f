import type { HookState } from "../../domain/hooks/hook-states.js";

/** A hook of an agent, as JSON. */
export function hookData({ hook, state, commands, began, ended, exitCode }: HookState) {
  return { hook, state, commands, began: began ?? null, ended: ended ?? null, exitCode: exitCode ?? null };
}

const WORDS: Readonly<Record<HookState["state"], string>> = {
  due: "due at the next devkit agent up",
  unfinished: "not finished: it goes on, or was cut off",
  done: "done",
  failed: "failed",
  never: "not run yet",
};

/** The same on one line. */
export function hookText({ hook, state, ended, exitCode }: HookState): string {
  const code = state === "failed" && exitCode !== undefined ? ` with exit code ${String(exitCode)}` : "";
  const late = state === "failed" && exitCode === undefined ? ": it took too long" : "";
  if (state === "unfinished" && hook === "warm") return "warm: goes on in the background";
  const when = ended === undefined || state === "due" ? "" : `, ${ended}`;
  return `${hook}: ${WORDS[state]}${code}${late}${when}`;
}
