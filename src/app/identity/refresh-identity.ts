import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import { addSigner, SIGNERS_FILE } from "../../domain/identity/signing.js";
import type { ProjectDeps } from "../ports.js";
import type { AgentIdentity } from "./agent-identity.js";

/** Larger ones are written anew. */
const LIMIT = 65_536;
const READABLE = 0o644;

/** Writes who an agent is into its home, if that says something else. The next commit goes by it, without a restart. */
export async function refreshIdentity(
  { project, state, homes }: Pick<ProjectDeps, "project" | "state" | "homes">,
  agent: AgentRef,
  { config, isSigning, signer }: AgentIdentity,
): Promise<void> {
  const paths = agentPaths(project, agent);
  if (isSigning && signer !== undefined) {
    const content = addSigner(homes.read(paths, SIGNERS_FILE, LIMIT), signer);
    if (content !== undefined) homes.write(paths, [{ path: SIGNERS_FILE, mode: READABLE, content }]);
  }
  await state.refreshHome(paths, config);
}
