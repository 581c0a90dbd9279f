import { DevkitError } from "../../base/errors.js";
import { quoteText } from "../../base/show-text.js";
import { createTextSink } from "../../base/text-sink.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { runAgentGit, type AgentGitNeeds } from "../custody/agent-git.js";

/** Names and trailers of changes; who has more has not changed something but put everything there. */
const LIMIT = 8 * 1024 * 1024;

/** What git says in an agent's worktree, in its container. @throws DevkitError E_GIT */
export async function askAgentGit(
  needs: AgentGitNeeds,
  observed: ObservedAgent,
  args: readonly string[],
): Promise<string> {
  const sink = createTextSink(LIMIT);
  const request = { args, stdout: sink.stream, inWorktree: true };
  const { exitCode, complaint } = await runAgentGit(needs, observed, request);
  const name = observed.agent.name;
  if (exitCode !== 0)
    throw new DevkitError("E_GIT", `git ${args[0] ?? ""} in ${name}: ${quoteText(complaint)}`, {
      details: { agent: name, git: args, exitCode },
    });
  if (!sink.truncated()) return sink.text();
  throw new DevkitError("E_GIT", `git ${args[0] ?? ""} in ${name} says more than ${String(LIMIT)} bytes`, {
    hint: `look at it: devkit exec ${String(observed.agent.index)} -- git status`,
    details: { agent: name, git: args, exitCode },
  });
}
