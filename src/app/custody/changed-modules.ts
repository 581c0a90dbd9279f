import { createTextSink } from "../../base/text-sink.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import type { ProjectDeps } from "../ports.js";
import { runAgentGit, type AgentGitNeeds } from "./agent-git.js";

const LIMIT = 64 * 1024;

/**
 * Submodules of an agent with changes that are in no commit: the host's status leaves them out, because git would have to
 * read git dirs that the agent can write. Asked inside its container; names are the agent's text.
 */
export async function findChangedModules(
  needs: AgentGitNeeds & Pick<ProjectDeps, "history">,
  observed: ObservedAgent,
): Promise<string[]> {
  if (!observed.state.git || (await needs.history.modules()).length === 0) return [];
  const script = 'test -z "$(git status --porcelain)" || printf "%s\\0" "$displaypath"';
  const output = createTextSink(LIMIT);
  const args = ["submodule", "--quiet", "foreach", "--recursive", script];
  const { exitCode } = await runAgentGit(needs, observed, { args, stdout: output.stream, inWorktree: true });
  const names = output.text().split("\0");
  // What cannot be asked must not be taken for clean.
  if (exitCode !== 0) return ["(its submodules cannot be read)"];
  return names.filter((name) => name !== "");
}
