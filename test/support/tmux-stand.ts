import { execa } from "execa";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSessions } from "../../src/adapters/tmux/sessions.js";
import type { Sessions } from "../../src/app/ports-sessions.js";
import { projectOf } from "../../src/domain/identity/project.js";

/** A tmux server of the test's own, on its own socket, with a home of its own. */
export interface TmuxStand {
  readonly dir: string;
  /** An environment in which `tmux` means that server. */
  readonly env: Record<string, string>;
  tmux(...args: string[]): Promise<string>;
  /** What `list-panes -a` says of each pane. */
  list(format: string): Promise<string[]>;
  remove(): Promise<void>;
}

/** `config`: the user's ~/.tmux.conf. */
export async function createTmuxStand(config = ""): Promise<TmuxStand> {
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), "devkit-tmux-")));
  const env = {
    HOME: dir,
    PATH: process.env["PATH"] ?? "",
    TMUX_TMPDIR: dir,
    SHELL: "/bin/sh",
  };
  await writeFile(path.join(dir, ".tmux.conf"), config);
  const tmux = async (...args: string[]) => {
    const { stdout } = await execa("tmux", ["-u", ...args], { env, extendEnv: false, cwd: dir });
    return stdout;
  };
  return {
    dir,
    env,
    tmux,
    list: async (format) => (await tmux("list-panes", "-a", "-F", format)).split("\n"),
    async remove() {
      await tmux("kill-server").catch(() => undefined);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The sessions of the project at `root`, as a devkit with this environment sees them. */
export function sessionsOf(
  { env }: TmuxStand,
  root = "/src/demo",
  more: Record<string, string> = {},
  deadlineMs = 10_000,
): Sessions {
  const project = projectOf({ root, commonDir: `${root}/.git`, stateHome: "/nowhere" });
  return createSessions({
    project,
    env: { ...env, ...more },
    signal: new AbortController().signal,
    hasTerminal: () => false,
    deadlineMs,
  });
}
