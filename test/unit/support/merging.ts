import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "vitest";
import { createGitLanding } from "../../../src/adapters/git/landing.js";
import { createGitMerges } from "../../../src/adapters/git/merges.js";
import { createGitWorktreeChanges } from "../../../src/adapters/git/worktree-changes.js";
import { mergeAgent, type MergeRequest, type MergeResult } from "../../../src/app/custody/merge-agent.js";
import type { MergeDeps } from "../../../src/app/ports-merging.js";
import type { FakeProgress } from "../fakes/progress.js";
import { bringUpAgents, type Agents } from "./agents.js";
import { createRepo, describeRepo, type Repo } from "./repo.js";

/** What merging needs, on the agents' repository itself. */
export function mergeDepsOf({ deps }: Agents): MergeDeps {
  return {
    ...deps,
    merges: createGitMerges(deps.project),
    landing: createGitLanding(deps.project),
    changes: createGitWorktreeChanges(deps.project),
  };
}

/** `agent merge 1`, with whatever differs from a plain one. */
export async function merge(
  deps: MergeDeps,
  spec: MergeRequest["spec"],
  request: Partial<MergeRequest> = {},
): Promise<MergeResult> {
  const plain = { selector: "1", mode: "merge", into: undefined, message: undefined, dryRun: false } as const;
  return mergeAgent(deps, { ...plain, spec, ...request });
}

/** What was warned about so far. */
export function warningsOf(deps: MergeDeps): readonly string[] {
  return (deps.progress as FakeProgress).warnings;
}

/** One agent on a repository, and `agent merge 1` there. */
export interface Merging {
  readonly repo: Repo;
  readonly agents: Agents;
  readonly deps: MergeDeps;
  run(request?: Partial<MergeRequest>): Promise<MergeResult>;
  /** The commit a ref is at, or `none`. */
  rev(ref: string): Promise<string>;
  read(file: string): Promise<string>;
  /** Fails if work that is refused changes anything of the primary or its refs, or leaves anything of devkit's. */
  expectUntouched(work: () => Promise<unknown>): Promise<void>;
}

export async function createMerging(): Promise<Merging> {
  const repo = await createRepo({ files: { "README.md": "# demo\n", "src/app.js": "1;\n2;\n3;\n" } });
  const agents = await bringUpAgents(repo, 1);
  const deps = mergeDepsOf(agents);
  const describe = async () => {
    const all = [await describeRepo(repo), await repo.git("diff"), await repo.git("stash", "list")];
    // Objects that nothing points at are git's to collect.
    return all.join("\n").replaceAll(/^(count|size|in-pack|packs|size-pack|prune-packable): .*$/gm, "");
  };
  return {
    repo,
    agents,
    deps,
    run: (request = {}) => merge(deps, agents.spec, request),
    rev: (ref) => repo.git("rev-parse", "--verify", "-q", ref).catch(() => "none"),
    read: (file) => readFile(path.join(repo.root, file), "utf8"),
    async expectUntouched(work) {
      await agents.sync(1);
      const before = await describe();
      await work();
      expect(await describe()).toBe(before);
      expect(await deps.landing.readJournal()).toBeUndefined();
    },
  };
}
