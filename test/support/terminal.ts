import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { waitFor } from "../../src/base/wait.js";

/** A shell in a pane of a tmux server of its own: a real terminal. */
export interface Terminal {
  /** Types a line and presses Enter. */
  type(line: string): Promise<void>;
  /** Presses a key by tmux's name, such as `C-c`. */
  press(key: string): Promise<void>;
  /** What can be seen; with `colors`, its escape sequences too. */
  screen(colors?: boolean): Promise<string>;
  /** Waits until the pattern is on the screen, a minute at most, and answers the match. */
  see(pattern: RegExp, colors?: boolean): Promise<RegExpExecArray>;
  /** Types a line that ends with a mark, waits for the mark, and answers what was printed in between. */
  run(line: string): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  /** Closes the window, as a user does who leaves. */
  close(): Promise<void>;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
}

/** The outer shell's prompt; nothing else on the screen looks like it. */
export const OUTER_PROMPT = "outer:";

export async function openTerminal({ cwd, env, columns, rows }: TerminalOptions): Promise<Terminal> {
  const socket = `devkit-test-${randomBytes(4).toString("hex")}`;
  const dir = await mkdtemp(path.join(tmpdir(), "devkit-tmux-"));
  const config = path.join(dir, "tmux.conf");
  await writeFile(
    config,
    "set -g default-terminal tmux-256color\nset -g status off\nset -g history-limit 5000\n",
  );
  const tmux = async (...args: string[]) =>
    (
      await execa("tmux", ["-L", socket, "-f", config, ...args], {
        extendEnv: false,
        env: { ...env, TMUX_TMPDIR: dir },
      })
    ).stdout;
  const shell = `PS1='${OUTER_PROMPT} ' exec bash --norc --noprofile`;
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), "-c", cwd, shell);
  let marks = 0;
  const terminal: Terminal = {
    async type(line) {
      await tmux("send-keys", "-l", line);
      await tmux("send-keys", "Enter");
    },
    async press(key) {
      await tmux("send-keys", key);
    },
    screen: (colors = false) => tmux("capture-pane", "-p", "-J", ...(colors ? ["-e"] : [])),
    async see(pattern, colors) {
      let text = "";
      const look = async () => {
        text = await terminal.screen(colors);
        return pattern.exec(text) ?? undefined;
      };
      return waitFor(look, { deadlineMs: 60_000, intervalMs: 50, what: String(pattern) }).catch(() => {
        throw new Error(`not on the screen: ${String(pattern)}\n${text}`);
      });
    },
    async run(line) {
      marks += 1;
      const [start, end] = [`s${String(marks)}t`, `e${String(marks)}d`];
      // The typed line must not look like what it prints.
      await terminal.type(
        `clear; printf '%s\\n' s${String(marks)}''t; ${line}; printf '%s\\n' e${String(marks)}''d`,
      );
      const [, printed = ""] = await terminal.see(new RegExp(`^${start}\\n([^]*?)^${end}$`, "m"));
      return printed.trimEnd();
    },
    async resize(width, height) {
      await tmux("resize-window", "-x", String(width), "-y", String(height));
    },
    async close() {
      await tmux("kill-server").catch(() => undefined);
      await rm(dir, { recursive: true, force: true });
    },
  };
  await terminal.see(new RegExp(OUTER_PROMPT));
  return terminal;
}
