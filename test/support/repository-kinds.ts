import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Sandbox } from "./sandbox.js";

/** A repository that is not like the others, and how to make it. */
export interface RepositoryKind {
  readonly kind: string;
  /** Name of its directory. */
  readonly name: string;
  readonly make: (box: Sandbox, dir: string) => Promise<unknown>;
}

/** Every one creates `hook-ran` beside the repository when git runs it, and fails. */
async function addFailingHooks(box: Sandbox, dir: string): Promise<void> {
  for (const name of ["post-checkout", "reference-transaction"]) {
    const hook = path.join(dir, ".git/hooks", name);
    await writeFile(hook, `#!/bin/sh\ntouch '${box.dir}/hook-ran'\nexit 1\n`);
    await chmod(hook, 0o755);
  }
}

const clone = (box: Sandbox, dir: string, ...flags: string[]) =>
  box.git("clone", "-q", ...flags, box.repo, dir);

export const REPOSITORY_KINDS: readonly RepositoryKind[] = [
  { kind: "spaces, quotes and unicode in its path", name: `my "räpo" 'äö' $x 日本`, make: clone },
  { kind: "a colon, a comma and a backslash in its path", name: "a:b,c=d\\e", make: clone },
  {
    kind: "a detached HEAD",
    name: "detached",
    make: async (box, dir) => {
      await clone(box, dir);
      await box.git("-C", dir, "checkout", "-q", "--detach");
    },
  },
  {
    kind: "a history cut off",
    name: "shallow",
    make: (box, dir) => box.git("clone", "-q", "--depth", "1", `file://${box.repo}`, dir),
  },
  {
    kind: "objects borrowed from another",
    name: "borrowing",
    make: (box, dir) => clone(box, dir, "--shared"),
  },
  {
    kind: "sha256 objects",
    name: "sha256",
    make: async (box, dir) => {
      await box.git("init", "-q", "--object-format=sha256", dir);
      await box.git("-C", dir, "commit", "-q", "--allow-empty", "-m", "first");
    },
  },
  {
    kind: "hooks that fail",
    name: "hooked",
    make: async (box, dir) => {
      await clone(box, dir);
      await addFailingHooks(box, dir);
    },
  },
  {
    kind: "its git dir elsewhere",
    name: "separate",
    make: (box, dir) => clone(box, dir, "--separate-git-dir", path.join(box.dir, "separate.git")),
  },
];
