import { execa } from "execa";
import { mkdir, readdir, readlink } from "node:fs/promises";
import path from "node:path";
import { expect } from "vitest";
import type { Finished, Sandbox } from "../support/sandbox.js";
import { PATIENCE_MS, within, type Attack } from "./hostile-agent.js";

/** Something an agent does to its host. */
export interface HostileAct {
  readonly name: string;
  /**
   * Bash, run as the agent in its worktree. `$G` and `$OWN` are the git dirs it can write, `$W` is the worktree as the
   * host names it, `trap_for NAME` makes a program that leaves the canary NAME on the host, and prints its path.
   */
  readonly script: string;
  /** The canaries that this leaves where there is no custody: each proves that the act means harm. */
  readonly fires?: readonly string[];
  /** Bash that answers in place of the agent's `git bundle`. */
  readonly bundle?: string;
  /** Whether a sync of this agent has to fail; either will do where it is not said. */
  readonly refused?: boolean;
}

/** Says where things are, in and outside custody. */
export interface Ground {
  readonly canaries: string;
  readonly worktree: string;
  readonly commonGit: string;
  readonly ownGit: string;
}

/** The whole script of an act: its words, defined for this ground, and then what it does. */
export function scriptOf(act: HostileAct, ground: Ground): string {
  return `G='${ground.commonGit}'; OWN='${ground.ownGit}'; W='${ground.worktree}'
    trap_for() {
      mkdir -p "$W/.traps"
      printf '#!/bin/sh\\n: >"%s/%s"\\nexit 0\\n' '${ground.canaries}' "$1" >"$W/.traps/$1"
      chmod +x "$W/.traps/$1"; echo "$W/.traps/$1"
    }
    cd "$W"
    ${act.script}
    true`;
}

/** Names of the programs of an agent that ran on the host. */
export async function canariesIn(directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  return (await readdir(directory)).sort();
}

/** Runs the day of somebody who uses git on the host without a thought. */
export async function liveHostDay(
  box: Pick<Sandbox, "env">,
  repo: string,
  worktrees: readonly string[],
): Promise<void> {
  await execa(path.join(import.meta.dirname, "host-day.sh"), worktrees, {
    cwd: repo,
    env: box.env,
    extendEnv: false,
    timeout: 60_000,
  });
}

/** Agents that take part in attacks, one after another, and what nobody may touch meanwhile. */
export interface Arena extends Attack {
  readonly canaries: string;
  /** Where devkit keeps the agents' directories. */
  readonly agentsState: string;
  worktreeOf(index: number): string;
  /** Runs an act as this agent; `$OTHER` is the name of the one that nobody may touch. */
  perform(index: number, act: HostileAct): Promise<Finished>;
  /** Runs devkit with a deadline; fails for an answer with control bytes in it, or for none. */
  ask(...args: string[]): Promise<Finished>;
  /** Fails for canaries, for damage to the repository, for moved refs, and for litter. */
  expectUnharmed(): Promise<void>;
}

/** The last agent is nobody's enemy: its branches, main and the tags stay where they are. */
export async function openArena(box: Attack, agents: number): Promise<Arena> {
  const canaries = path.join(box.dir, "canaries");
  const worktreeOf = (index: number) => path.join(box.repo, `.devkit/agents/agent-${String(index)}`);
  const state = path.dirname(await box.state());
  await mkdir(canaries, { recursive: true });
  await box.git("tag", "v1");
  const bystander = `refs/heads/agent/agent-${String(agents)}`;
  const protectedRefs = () => box.git("for-each-ref", "refs/heads/main", "refs/tags", bystander);
  const before = await protectedRefs();
  return {
    ...box,
    canaries,
    agentsState: state,
    worktreeOf,
    perform: (index, act) =>
      box.asAgent(
        index,
        `OTHER=agent-${String(agents)}; ` +
          scriptOf(act, {
            canaries,
            worktree: worktreeOf(index),
            commonGit: "/devkit/git",
            ownGit: "/devkit/git",
          }),
      ),
    async ask(...args) {
      const began = performance.now();
      const finished = await within(box, ...args);
      const what = `devkit ${args.join(" ")}: ${finished.stderr}`;
      expect(performance.now() - began, what).toBeLessThan(PATIENCE_MS);
      // eslint-disable-next-line no-control-regex -- control bytes are what this looks for
      expect(finished.stdout + finished.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(finished.stderr).not.toContain("E_BUG");
      return finished;
    },
    async remove() {
      await endOrphans(box.dir);
      await box.remove();
    },
    async expectUnharmed() {
      expect(await canariesIn(canaries)).toEqual([]);
      expect(await protectedRefs()).toBe(before);
      const fsck = await execa("git", ["-C", box.repo, "fsck", "--no-dangling"], {
        env: box.env,
        all: true,
        reject: false,
      });
      expect(fsck.all).toBe("");
      const litter = await execa("find", [
        ...[path.join(box.repo, ".git"), state],
        ...["(", "-path", `${state}/*/git`, "-o", "-path", `${state}/*/home`, ")", "-prune", "-o", "("],
        ...["tmp_*", "incoming*", ".incoming*", "*.lock", "*.tmp"].flatMap((name) => ["-name", name, "-o"]),
        // Away with it, so that the next test sees its own only.
        ...["-false", ")", "-print", "-prune", "-exec", "rm", "-rf", "{}", ";"],
      ]);
      expect(litter.stdout).toBe("");
    },
  };
}

/** A devkit that had to be killed leaves a git that hangs. */
async function endOrphans(directory: string): Promise<void> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (cwd.startsWith(`${directory}/`)) await execa("kill", ["-9", pid], { reject: false });
  }
}
