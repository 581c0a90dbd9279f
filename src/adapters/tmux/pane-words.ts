import type { PaneCommand } from "../../app/ports-sessions.js";
import { literal, type ScriptCommand } from "./tmux-script.js";

/** tmux's own, the outer shell's and the outer terminal's: no pane gets them of the process that makes it. */
const NOT_PASSED =
  /^(TMUX|TMUX_PANE|TERM|TERM_PROGRAM|TERM_PROGRAM_VERSION|COLUMNS|LINES|PWD|OLDPWD|SHLVL|_)$/;

/**
 * The words for a new or respawned pane, after the command's own options. All of the environment is said, because otherwise
 * it is that of the server, which somebody started some time ago with another PATH or DOCKER_HOST.
 */
export function paneWords(
  { argv, cwd, env }: PaneCommand,
  inherited: Readonly<Partial<Record<string, string>>>,
): string[] {
  const own = Object.entries({ ...inherited, ...env }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !NOT_PASSED.test(entry[0]),
  );
  // One word alone would be a line for the user's shell.
  const command = argv.length > 1 ? argv : ["/bin/sh", "-c", 'exec "$0"', ...argv];
  const start = literal(cwd);
  return ["-c", start, ...own.flatMap(([name, value]) => ["-e", `${name}=${value}`]), "--", ...command];
}

/** Names a window for as long as its programs run, whatever they would like it to be called. */
export function titleCommands(target: string, title: string): ScriptCommand[] {
  return [
    ["set-option", "-w", "-t", target, "allow-rename", "off"],
    ["rename-window", "-t", target, "--", literal(title)],
    ["set-option", "-w", "-t", target, "@devkit-title", title],
    ["select-pane", "-t", target, "-T", literal(title)],
  ];
}
