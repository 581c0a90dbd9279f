import { execa } from "execa";
import { access } from "node:fs/promises";
import path from "node:path";
import {
  agentsOf,
  createSandbox,
  type Finished,
  type Sandbox,
  type SandboxOptions,
} from "../support/sandbox.js";

/** A sandbox with running agents that turn on their host. */
export interface Attack extends Sandbox {
  /** The first agent's worktree on the host. */
  readonly worktree: string;
  /** The first agent's directory in devkit's state. */
  readonly state: () => Promise<string>;
  /** Runs a bash script as the agent. */
  inside(index: number, script: string): Promise<Finished>;
  /** The same without devkit, which takes a fraction of the time. */
  asAgent(index: number, script: string): Promise<Finished>;
  /** The agent's git answers `git bundle` with what this bash script prints; needs no cooperation of the image. */
  answerBundle(index: number, script: string): Promise<void>;
  /** A script that leaves a trace on the host, for git settings that name a program. */
  readonly trap: string;
  /** Whether any program that the agent chose ran on the host. */
  sprung(): Promise<boolean>;
}

/**
 * devkit must answer at all: nothing an agent does may take longer than this. To start the twenty agents of a suite takes
 * two processors a third of it.
 */
export const PATIENCE_MS = 60_000;

export async function createAttack(agents: number, options: SandboxOptions = {}): Promise<Attack> {
  const box = await createSandbox(options);
  await box.setIdentity();
  const up = await box.devkit("agent", "up", String(agents));
  if (up.exitCode !== 0) throw new Error(up.stderr);
  const canary = path.join(box.dir, "CANARY");
  // A container that takes the place of another has its name.
  const names = (await box.containers()).map(({ name }) => name);
  const nameOf = (index: number) => names.find((name) => name.endsWith(`-agent-${String(index)}`)) ?? "";
  const inside = (index: number, script: string) =>
    box.devkit("exec", String(index), "--", "bash", "-c", script);
  return {
    ...box,
    worktree: path.join(box.repo, ".devkit/agents/agent-1"),
    async state() {
      const { home } = agentsOf(await box.json("agent", "status", "1"))[0] as unknown as { home: string };
      return path.dirname(home);
    },
    inside,
    async asAgent(index, script) {
      const options = { input: script, reject: false, timeout: PATIENCE_MS } as const;
      const result = await execa("docker", ["exec", "-i", nameOf(index), "bash"], options);
      return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
    },
    async answerBundle(index, script) {
      const program = `#!/bin/bash\n[ "$2" = bundle ] || exec /usr/bin/git.real "$@"\n${script}\n`;
      const install =
        "[ -e /usr/bin/git.real ] || cp /usr/bin/git /usr/bin/git.real; cat >/usr/bin/git.new; chmod 755 /usr/bin/git.new; mv /usr/bin/git.new /usr/bin/git";
      await execa("docker", ["exec", "-i", "-u", "0:0", nameOf(index), "sh", "-c", install], {
        input: program,
      });
    },
    trap: `touch ${canary}`,
    sprung: () =>
      access(canary).then(
        () => true,
        () => false,
      ),
  };
}

/** Runs devkit with a deadline, so that a hang is a failure of the test and not of the run. */
export function within(box: Sandbox, ...args: string[]): Promise<Finished> {
  return box.devkitWith({ timeout: PATIENCE_MS, killSignal: "SIGKILL" }, ...args);
}
