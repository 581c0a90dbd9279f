import path from "node:path";
import type { AskedMount } from "../../domain/overlays/mount-text.js";
import { agentMounts, type MountSpec } from "../../domain/custody/mounts.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { agentPaths, type Project } from "../../domain/identity/project.js";
import type { MountProblem } from "../../domain/mounts/mount-problem.js";
import {
  foundProblem,
  sourceProblem,
  trustProblem,
  type HostFacts,
} from "../../domain/mounts/source-problem.js";
import { targetProblem } from "../../domain/mounts/target-problem.js";
import type { MountHost } from "../ports-mounts.js";

export interface JudgeNeeds {
  readonly project: Project;
  readonly agent: AgentRef;
  readonly mountHost: MountHost;
  readonly facts: () => Promise<HostFacts>;
}

/** A mount that may be, one that the agent has anyway, or why not. */
export type Verdict =
  | { readonly kind: "good"; readonly mount: MountSpec }
  | { readonly kind: "had" }
  | ({ readonly kind: "refused" } & MountProblem);

/** Judges one mount of one agent by what is there now. Volumes are devkit's own and always there. */
export async function judgeMount(
  needs: JudgeNeeds,
  { source, target, readOnly }: AskedMount,
): Promise<Verdict> {
  const paths = agentPaths(needs.project, needs.agent);
  const hostPath = source.kind === "host" ? plain(source.path) : path.join(paths.volumes, source.name);
  if (target === CONTAINER.workspace) {
    if (hostPath === paths.worktree) return { kind: "had" };
    return {
      kind: "refused",
      reason: `${target} is the agent's own worktree, ${paths.worktree}`,
      hint: "mount it somewhere else; an agent's worktree is moved with: git worktree move",
    };
  }
  const problem = targetProblem(target, agentMounts(needs.project, needs.agent, []));
  if (problem !== undefined) return { kind: "refused", ...problem };
  const mount = { hostPath, containerPath: target, readOnly, asked: true };
  if (source.kind === "volume") return { kind: "good", mount };
  return judgeSource(needs, mount);
}

/** Without `.`, `..` and a slash at the end. */
function plain(hostPath: string): string {
  return path.posix.normalize(hostPath).replace(/(?<=.)\/$/, "");
}

/** Also right before a start, which follows what is there then. */
export async function judgeSource(needs: JudgeNeeds, mount: MountSpec): Promise<Verdict> {
  const { hostPath, readOnly, containerPath } = mount;
  const { mountHost } = needs;
  const facts = await needs.facts();
  const rest = `${containerPath}${readOnly ? ":ro" : ""}`;
  const byPath = sourceProblem(hostPath, facts);
  if (byPath !== undefined) return { kind: "refused", ...byPath };
  const found = await mountHost.inspect(hostPath);
  const byKind = foundProblem(hostPath, found, rest);
  if (byKind !== undefined) return { kind: "refused", ...byKind };
  const isFile = found.kind === "file";
  const inside = isFile ? undefined : await mountHost.findInside(hostPath);
  if (inside?.socket !== undefined) {
    const hint = "mount only the directory that the agent needs";
    return {
      kind: "refused",
      reason: `it has a socket in it, and behind that is a program of the host: ${inside.socket}`,
      hint,
    };
  }
  if (!readOnly) {
    const repository = (await mountHost.findRepository(hostPath)) ?? inside?.repository;
    const byUse = repository === undefined ? trustProblem(hostPath, facts) : sharedWith(hostPath, repository);
    if (byUse !== undefined) return { kind: "refused", ...byUse };
  }
  return { kind: "good", mount: isFile ? { ...mount, isFile } : mount };
}

/** What an agent writes there, a `.git` of its own too, is what git on the host would go by. */
function sharedWith(hostPath: string, repository: string): MountProblem {
  const where =
    repository === hostPath
      ? "it is a repository"
      : `it is part of, or has in it, the repository ${repository}`;
  return {
    reason: `${where}: the host's git would read what an agent wrote there`,
    hint: "mount it read-only (:ro), take a directory outside of repositories, or a volume: NAME:/path",
  };
}
