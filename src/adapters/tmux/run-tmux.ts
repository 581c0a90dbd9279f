import { DevkitError } from "../../base/errors.js";
import { once } from "../../base/once.js";
import { showText } from "../../base/show-text.js";
import { runInherited } from "../process/run-inherited.js";
import { runProcess, type ProcessResult } from "../process/run-process.js";
import { formatScript, type ScriptCommand } from "./tmux-script.js";

/** The first that takes variables for a session, and what `remain-on-exit failed` and pane options need. */
const OLDEST = { major: 3, minor: 2 };

/** No server, or one without a session. */
const NOTHING = /^(no server running|error connecting|lost server|server exited|no current target)/m;

const ENDING = /^server exited unexpectedly/m;
const ATTEMPTS = 5;

/** A server that is stopped takes every command and answers none. */
const DEADLINE_MS = 10_000;

/** How a script ended; of one that failed, tmux's words. */
export type ScriptAnswer =
  { readonly ok: true; readonly output: string } | { readonly ok: false; readonly complaint: string };

/** The user's tmux: the server that this process runs in, or else the one that TMUX_TMPDIR says. */
export interface Tmux {
  /** @throws DevkitError E_TOOL_MISSING, E_TMUX */
  require(): Promise<void>;
  /** Standard output of one command that only looks; undefined when there is no session at all. @throws DevkitError E_TOOL_MISSING, E_TMUX */
  ask(...words: string[]): Promise<string | undefined>;
  /** Runs commands as one, starting a server when none runs. @throws DevkitError E_TOOL_MISSING, E_TMUX */
  run(commands: readonly ScriptCommand[]): Promise<ScriptAnswer>;
  /** The id of the pane that this process runs in. @throws DevkitError E_TMUX */
  ownPane(): Promise<string | undefined>;
  /** Gives tmux this process's terminal until it leaves it. @throws DevkitError E_TMUX */
  attach(session: string): Promise<void>;
}

export interface TmuxOptions {
  /** This process's. */
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly signal: AbortSignal;
  /** How long tmux is waited for, except while it shows a session. */
  readonly deadlineMs?: number;
}

export function createTmux(options: TmuxOptions): Tmux {
  const { env, signal } = options;
  const outside = withoutTmux(env);
  const own = once(() => findOwnPane(options));
  const environment = async () => ((await own()) === undefined ? outside : { ...outside, ...inside(env) });
  const run = async (words: readonly string[], input?: string) => {
    // Without -u it replaces all that is not ASCII in what it prints.
    const result = await runInTime(options, ["-u", ...words], await environment(), input);
    if (result.missing) throw missing();
    return result;
  };
  return {
    require: once(async () => {
      // Asks no server, neither that of this process's pane.
      const { missing: isMissing, stdout } = await runInTime(options, ["-V"], outside);
      if (isMissing) throw missing();
      if (isTooOld(stdout)) throw tooOld(stdout);
    }),
    async ask(...words) {
      const { exitCode, stdout, stderr } = await run(words);
      if (exitCode === 0) return stdout;
      if (NOTHING.test(stderr)) return undefined;
      throw tmuxError(stderr);
    },
    async run(commands) {
      const words = ["start-server", ";", "source-file", "-"];
      const script = `${formatScript(commands)}\n`;
      let result = await run(words, script);
      // A server that is about to end takes nothing more; the next one does.
      for (let again = 1; again < ATTEMPTS && ENDING.test(result.stderr); again += 1)
        result = await run(words, script);
      const { exitCode, stdout, stderr } = result;
      return exitCode === 0 ? { ok: true, output: stdout } : { ok: false, complaint: stderr };
    },
    ownPane: own,
    async attach(session) {
      const code = await runInherited("tmux", ["-u", "attach-session", "-t", session], {
        env: outside,
        signal,
      });
      signal.throwIfAborted();
      if (code !== 0) throw tmuxError("it could not show the session");
    },
  };
}

/** @throws DevkitError E_TMUX */
async function runInTime(
  { signal, deadlineMs = DEADLINE_MS }: TmuxOptions,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input?: string,
): Promise<ProcessResult> {
  const late = AbortSignal.timeout(deadlineMs);
  const result = await runProcess("tmux", args, {
    // This process's own directory can be that of an agent which is gone by now; what starts where is always said.
    ...{ env, cwd: "/", signal: AbortSignal.any([signal, late]) },
    ...(input === undefined ? {} : { input }),
  });
  signal.throwIfAborted();
  // Ended so, it may well say that all went well.
  if (!late.aborted) return result;
  throw new DevkitError("E_TMUX", `tmux does not answer (waited ${String(deadlineMs / 1000)} s)`, {
    hint: "is its server stopped? let it go on: pkill -CONT tmux",
  });
}

/** What a tmux that failed said, as an error. */
export function tmuxError(complaint: string): DevkitError {
  const line = showText(complaint.trim().split("\n")[0] ?? "");
  return new DevkitError("E_TMUX", `tmux: ${line === "" ? "it failed without a word" : line}`, {
    hint: "look at its sessions: tmux list-sessions",
  });
}

/** TMUX outlives its server, and comes along into places where its pane is not. */
async function findOwnPane(options: TmuxOptions): Promise<string | undefined> {
  const { env } = options;
  const pane = env["TMUX_PANE"];
  if ((env["TMUX"] ?? "") === "" || pane === undefined || !/^%\d+$/.test(pane)) return undefined;
  const args = ["list-panes", "-a", "-F", "#{pane_id}"];
  const { exitCode, stdout } = await runInTime(options, args, { ...withoutTmux(env), ...inside(env) });
  return exitCode === 0 && stdout.split("\n").includes(pane) ? pane : undefined;
}

function inside(env: TmuxOptions["env"]): Record<string, string> {
  return { TMUX: env["TMUX"] ?? "", TMUX_PANE: env["TMUX_PANE"] ?? "" };
}

function withoutTmux(env: TmuxOptions["env"]): Record<string, string> {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^TMUX(_PANE)?$/.test(entry[0]),
  );
  return Object.fromEntries(entries);
}

/** `tmux 3.3a`; what has no number (`tmux master`) is newer than all of them. */
function isTooOld(version: string): boolean {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || version.includes("openbsd")) return false;
  const difference = Number(major) - OLDEST.major || Number(minor) - OLDEST.minor;
  return difference < 0;
}

const WITHOUT = "everything else of devkit works without it: devkit shell 1, devkit exec 1 -- …";

function missing(): DevkitError {
  return new DevkitError("E_TOOL_MISSING", "tmux is not installed, and sessions are tmux's", {
    hint: `install it (apt-get install tmux, brew install tmux); ${WITHOUT}`,
  });
}

function tooOld(version: string): DevkitError {
  return new DevkitError("E_TOOL_MISSING", `${showText(version.trim())} is too old for devkit's sessions`, {
    hint: `install tmux ${String(OLDEST.major)}.${String(OLDEST.minor)} or newer; ${WITHOUT}`,
  });
}
