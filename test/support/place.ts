import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "vitest";
import type { Finished, Sandbox } from "./sandbox.js";

/** A repository of the test's own in a sandbox, and one agent in it. */
export interface Place {
  readonly dir: string;
  readonly worktree: string;
  git(...args: string[]): Promise<string>;
  devkit(...args: string[]): Promise<Finished>;
  /** A shell script in the agent; its output, and it has to succeed without a word on standard error. */
  inside(script: string): Promise<string>;
  /** Brings the agent up and answers the warnings. */
  up(): Promise<string[]>;
  write(file: string, text: string): Promise<void>;
  /** What the host's git sees in the agent's worktree. */
  hostStatus(): Promise<string>;
}

export function placeOf(box: Sandbox, name: string): Place {
  const dir = path.join(box.dir, name);
  const worktree = path.join(dir, ".devkit/agents/agent-1");
  const devkit = (...args: string[]) => box.devkitWith({ cwd: dir }, ...args);
  return {
    dir,
    worktree,
    // A daemon that git starts for a test would outlive it.
    git: (...args) => box.git("-C", dir, "-c", "core.fsmonitor=false", ...args),
    devkit,
    async inside(script) {
      const result = await devkit("exec", "1", "--", "sh", "-ec", script);
      expect(result).toMatchObject({ exitCode: 0, stderr: "" });
      return result.stdout;
    },
    async up() {
      const { exitCode, stdout } = await devkit("--json", "agent", "up", "1");
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
      return (JSON.parse(stdout) as { warnings: string[] }).warnings;
    },
    async write(file, text) {
      await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
      await writeFile(path.join(dir, file), text);
    },
    hostStatus: () =>
      box.git(
        "-C",
        worktree,
        "-c",
        "core.fsmonitor=false",
        "status",
        "--porcelain",
        "--ignore-submodules=all",
      ),
  };
}

/** The same, made with these files in its first commit. */
export async function createPlace(box: Sandbox, name: string, files: Record<string, string>): Promise<Place> {
  const place = placeOf(box, name);
  await box.git("init", "-q", "-b", "main", place.dir);
  for (const [file, text] of Object.entries(files)) await place.write(file, text);
  await place.git("add", ".");
  await place.git("commit", "-q", "-m", "first");
  return place;
}
